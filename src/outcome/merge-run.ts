import { type Fields, milliseconds, someFields, text } from './fields.ts';
import { idOf, lineOf, type ShardIds } from './merge-shared.ts';

/** What all shards say of the run itself: of its beginning and its end the merged messages have one each. */
export interface WholeRun {
  id: string | undefined;
  start: Fields | undefined;
  end: Fields | undefined;
  exception: Fields | undefined;
  readonly said: string[];
  isSuccess: boolean;
  /** Every shard so far has come to its end. */
  isComplete: boolean;
}

export const noRunYet = (): WholeRun => ({
  id: undefined,
  start: undefined,
  end: undefined,
  exception: undefined,
  said: [],
  isSuccess: true,
  isComplete: true,
});

const atMs = (message: Fields | undefined, otherwise: number): number => milliseconds(message?.timestamp) ?? otherwise;

/** The earliest beginning is the run's. */
export const addStart = (run: WholeRun, ids: ShardIds, started: Fields): void => {
  const id = text(started.id);
  if (id !== undefined) {
    run.id ??= idOf(ids, id);
    if (run.id !== idOf(ids, id)) ids.known.set(id, run.id);
  }
  if (run.start === undefined || atMs(started, Number.POSITIVE_INFINITY) < atMs(run.start, Number.POSITIVE_INFINITY)) run.start = started;
};

/** The latest end is the run's; a success is what every shard calls one. */
export const addEnd = (run: WholeRun, finished: Fields): void => {
  if (run.end === undefined || atMs(finished, 0) > atMs(run.end, 0)) run.end = finished;
  run.exception ??= someFields(finished.exception);
  const message = text(finished.message);
  if (message !== undefined && !run.said.includes(message)) run.said.push(message);
  run.isSuccess &&= finished.success === true;
};

export const startOf = ({ id, start }: WholeRun): readonly string[] =>
  start === undefined ? [] : [lineOf('testRunStarted', { ...start, ...(id !== undefined && { id }) })];

/** The run's end: none unless every shard has one. */
export const endOf = ({ id, end, exception, said, isSuccess, isComplete }: WholeRun): readonly string[] => {
  if (end === undefined || !isComplete) return [];
  const merged = {
    ...end,
    success: isSuccess,
    ...(id !== undefined && { testRunStartedId: id }),
    ...(exception !== undefined && { exception }),
    ...(said.length > 0 && { message: said.join('\n') }),
  };
  return [lineOf('testRunFinished', merged)];
};
