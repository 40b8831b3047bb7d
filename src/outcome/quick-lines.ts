import { attemptFinished, attemptOf, attemptStarted, planTestCase, stepPassed, stepStarted } from './attempts.ts';
import { fields, list } from './fields.ts';
import { takePickle } from './judge.ts';
import { type Attempt, type SuiteState, tickMs } from './suite-state.ts';

const nanos = ',"nanos":';
const timestamp = '","timestamp":{"seconds":';

/** Reads a line of a text from its beginning; what is not as expected makes `isLost`. */
interface Cursor {
  readonly text: string;
  at: number;
  /** Where the line ends. */
  readonly end: number;
  isLost: boolean;
}

const pass = (cursor: Cursor, words: string): void => {
  cursor.isLost ||= !cursor.text.startsWith(words, cursor.at);
  cursor.at += words.length;
};

/** Up to the next quotation mark. */
const takeText = (cursor: Cursor): string => {
  const from = cursor.at;
  const to = cursor.text.indexOf('"', from);
  const taken = cursor.text.slice(from, to);
  // With an escape in it, it is not what it looks like.
  cursor.isLost ||= to <= from || to > cursor.end || taken.includes('\\');
  cursor.at = to;
  return taken;
};

/** A text of its own: a part of a longer one would keep all of that in memory. */
const copyOf = (part: string): string => ` ${part}`.slice(1);

/** The attempt that is named here, if it is open: mostly the one that was heard of last, whose id need not be cut out and looked up. */
const takeAttempt = (state: SuiteState, cursor: Cursor): Attempt | undefined => {
  const { current } = state;
  const to = cursor.at + (current?.id.length ?? 0);
  if (current === undefined || cursor.text[to] !== '"' || !cursor.text.startsWith(current.id, cursor.at))
    return attemptOf(state, takeText(cursor));
  cursor.at = to;
  return current;
};

const takeNumber = (cursor: Cursor): number => {
  const { text, at: from } = cursor;
  let value = 0;
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(at)) {
    value = value * 10 + code - 48;
    at += 1;
  }
  cursor.at = at;
  // JSON has no leading zeros, and more digits are no time.
  cursor.isLost ||= at === from || at - from > 12;
  return value;
};

const takeMs = (cursor: Cursor): number => {
  const seconds = takeNumber(cursor);
  pass(cursor, nanos);
  return seconds * 1_000 + takeNumber(cursor) / 1_000_000;
};

type Read = (state: SuiteState, cursor: Cursor) => boolean;

const isRead = ({ isLost, at, end }: Cursor): boolean => !isLost && at === end;

const heard = (state: SuiteState, atMs: number): void => {
  state.hasMessages = true;
  tickMs(state, atMs);
};

const readStepStarted: Read = (state, cursor) => {
  const attempt = takeAttempt(state, cursor);
  pass(cursor, '","testStepId":"');
  const id = takeText(cursor);
  pass(cursor, timestamp);
  const atMs = takeMs(cursor);
  pass(cursor, '}}}');
  if (!isRead(cursor)) return false;
  heard(state, atMs);
  stepStarted(state, attempt, id);
  return true;
};

const readStepFinished: Read = (state, cursor) => {
  const attempt = takeAttempt(state, cursor);
  pass(cursor, '","testStepId":"');
  takeText(cursor);
  pass(cursor, '","testStepResult":{"duration":{"seconds":');
  const tookMs = takeMs(cursor);
  pass(cursor, '},"status":"PASSED"},"timestamp":{"seconds":');
  const atMs = takeMs(cursor);
  pass(cursor, '}}}');
  if (!isRead(cursor)) return false;
  heard(state, atMs);
  stepPassed(state, attempt, tookMs);
  return true;
};

const readTestCaseStarted: Read = (state, cursor) => {
  takeNumber(cursor);
  pass(cursor, ',"testCaseId":"');
  const testCaseId = takeText(cursor);
  pass(cursor, '","id":"');
  const id = takeText(cursor);
  pass(cursor, timestamp);
  const startedAtMs = takeMs(cursor);
  pass(cursor, '}}}');
  if (!isRead(cursor)) return false;
  heard(state, startedAtMs);
  attemptStarted(state, { id, testCaseId, startedAtMs });
  return true;
};

const readTestCaseFinished: Read = (state, cursor) => {
  const attempt = takeAttempt(state, cursor);
  pass(cursor, timestamp);
  const endedAtMs = takeMs(cursor);
  pass(cursor, '},"willBeRetried":false}}');
  if (!isRead(cursor)) return false;
  heard(state, endedAtMs);
  attemptFinished(state, attempt, { endedAtMs, willBeRetried: false });
  return true;
};

const step = '{"id":"';

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // damaged in its middle: its steps have no names
  }
};

/** What its steps are is read when somebody asks. A quotation mark within a text has a backslash, so `{"id":"` is never in one. */
const readTestCase: Read = (state, cursor) => {
  takeText(cursor);
  pass(cursor, '","pickleId":"');
  const pickleId = takeText(cursor);
  pass(cursor, '","id":"');
  const id = copyOf(takeText(cursor));
  pass(cursor, '","testSteps":[');
  const line = cursor.isLost ? '' : cursor.text.slice(cursor.at - 1, cursor.end);
  if (!line.endsWith(']}}')) return false;
  let stepCount = 0;
  for (let at = line.indexOf(step); at >= 0; at = line.indexOf(step, at + step.length)) stepCount += 1;
  state.hasMessages = true;
  const hasSteps = line.includes('","pickleStepId":"');
  planTestCase(state, { id, pickleId, stepCount, hasSteps, testSteps: () => list(parsed(line.slice(0, -2))) });
  return true;
};

const pickleSteps = ',"steps":[';

/** All but its steps, which are most of it: they are read when somebody asks. */
const readPickleLine: Read = (state, { text, at, end }) => {
  const line = text.slice(at - pickleBeginning.length, end);
  const stepsAt = line.indexOf(pickleSteps);
  if (stepsAt < 0 || !line.endsWith(']}}')) return false;
  const pickle = fields(fields(parsed(`${line.slice(0, stepsAt)}}}`)).pickle);
  // Other implementations say some of it after the steps.
  if (['uri', 'name', 'astNodeIds', 'tags'].some((name) => pickle[name] === undefined)) return false;
  state.hasMessages = true;
  const steps = copyOf(line.slice(stepsAt + pickleSteps.length - 1, -2));
  takePickle(state, pickle, () => list(parsed(steps)));
  return true;
};

const pickleBeginning = '{"pickle":{"id":"';

/** What is read without parsing, by how it begins, the most frequent first. */
const readers: readonly (readonly [string, Read])[] = [
  ['{"testStepStarted":{"testCaseStartedId":"', readStepStarted],
  ['{"testStepFinished":{"testCaseStartedId":"', readStepFinished],
  ['{"testCaseStarted":{"attempt":', readTestCaseStarted],
  ['{"testCaseFinished":{"testCaseStartedId":"', readTestCaseFinished],
  ['{"testCase":{"testRunStartedId":"', readTestCase],
  [pickleBeginning, readPickleLine],
];

/**
 * Takes a line that says, in the very words of cucumber-js, what most lines say: that a step began or passed, that a scenario is there,
 * is planned, begins or is over. These need no parsing, or little. False for any other, which is left to `observe`; both come to the same.
 *
 * @param end where the line ends that begins at `from`, without its line feed
 */
export const observeLine = (state: SuiteState, text: string, from = 0, end = text.length): boolean => {
  for (const [beginning, read] of readers)
    if (text.startsWith(beginning, from)) return read(state, { text, at: from + beginning.length, end, isLost: false });
  return false;
};
