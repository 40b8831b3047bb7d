import type { Envelope } from '@cucumber/messages';
import { type Fields, fields, list, someFields, text } from './fields.ts';

/** Which part a message belongs to; `all` for what every part needs, undefined for what none does. */
export type Part = number | 'all' | undefined;

/** Remembers which part each id of a message belongs to. */
interface Known {
  readonly partOf: (uri: string) => number | undefined;
  readonly pickles: Map<string, number>;
  readonly pickleSteps: Map<string, number>;
  readonly testCases: Map<string, number>;
  readonly attempts: Map<string, number>;
}

const learn = (map: Map<string, number>, id: unknown, part: number | undefined): number | undefined => {
  const known = text(id);
  if (known !== undefined && part !== undefined) map.set(known, part);
  return part;
};

const ofPickle = ({ partOf, pickles, pickleSteps }: Known, pickle: Fields): Part => {
  const part = partOf(text(pickle.uri) ?? '');
  for (const step of list(pickle.steps)) learn(pickleSteps, fields(step).id, part);
  return learn(pickles, pickle.id, part);
};

const ofAttempt = ({ attempts }: Known, message: Fields): Part => attempts.get(text(message.testCaseStartedId) ?? '');

const byUri = ({ partOf }: Known, message: Fields): Part => partOf(text(message.uri) ?? '');

/** What a suite attached in a hook of the whole run belongs to no scenario. */
const ofAttachment = (known: Known, message: Fields): Part =>
  text(message.testCaseStartedId) === undefined ? 'all' : ofAttempt(known, message);

const routes: ReadonlyMap<string, (known: Known, message: Fields) => Part> = new Map([
  ['source', byUri],
  ['gherkinDocument', byUri],
  ['pickle', ofPickle],
  ['testCase', ({ pickles, testCases }, message) => learn(testCases, message.id, pickles.get(text(message.pickleId) ?? ''))],
  ['testCaseStarted', ({ testCases, attempts }, message) => learn(attempts, message.id, testCases.get(text(message.testCaseId) ?? ''))],
  ['testStepStarted', ofAttempt],
  ['testStepFinished', ofAttempt],
  ['testCaseFinished', ofAttempt],
  ['attachment', ofAttachment],
  ['externalAttachment', ofAttachment],
  ['suggestion', ({ pickleSteps }, message) => pickleSteps.get(text(message.pickleStepId) ?? '')],
]);

/**
 * Divides the messages of a run by their features: a function that is asked of each in turn, and says which part it belongs to.
 * Each part is a stream of its own, with the hooks and step definitions, the beginning and the end of the whole.
 */
export function splitter(partOf: (uri: string) => number | undefined): (envelope: Envelope) => Part {
  const known: Known = { partOf, pickles: new Map(), pickleSteps: new Map(), testCases: new Map(), attempts: new Map() };
  return (envelope) => {
    const [kind = '', value] = Object.entries(envelope)[0] ?? [];
    const message = someFields(value);
    if (message === undefined) return undefined;
    const route = routes.get(kind);
    return route === undefined ? 'all' : route(known, message);
  };
}
