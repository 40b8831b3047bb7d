import { attemptFinished, attemptStarted, planTestCase, stepPassed, stepStarted } from './attempts.ts';
import { fields } from './fields.ts';
import { type SuiteState, tickMs } from './suite-state.ts';

const nanos = ',"nanos":';
const timestamp = '","timestamp":{"seconds":';

/** Reads a line from its beginning; what is not as expected makes `isLost`. */
interface Cursor {
  readonly line: string;
  at: number;
  isLost: boolean;
}

const pass = (cursor: Cursor, words: string): void => {
  cursor.isLost ||= !cursor.line.startsWith(words, cursor.at);
  cursor.at += words.length;
};

/** Up to the next quotation mark. */
const takeText = (cursor: Cursor): string => {
  const from = cursor.at;
  const to = cursor.line.indexOf('"', from);
  const taken = cursor.line.slice(from, to);
  // With an escape in it, it is not what it looks like.
  cursor.isLost ||= to <= from || taken.includes('\\');
  cursor.at = to;
  return taken;
};

const takeNumber = (cursor: Cursor): number => {
  let value = 0;
  const from = cursor.at;
  for (let code = cursor.line.charCodeAt(from); code >= 48 && code <= 57; code = cursor.line.charCodeAt(cursor.at)) {
    value = value * 10 + code - 48;
    cursor.at += 1;
  }
  // JSON has no leading zeros, and more digits are no time.
  cursor.isLost ||= cursor.at === from || cursor.at - from > 12;
  return value;
};

const takeMs = (cursor: Cursor): number => {
  const seconds = takeNumber(cursor);
  pass(cursor, nanos);
  return seconds * 1_000 + takeNumber(cursor) / 1_000_000;
};

type Read = (state: SuiteState, cursor: Cursor) => boolean;

const isRead = ({ isLost, at, line }: Cursor): boolean => !isLost && at === line.length;

const heard = (state: SuiteState, atMs: number): void => {
  state.hasMessages = true;
  tickMs(state, atMs);
};

const readStepStarted: Read = (state, cursor) => {
  const attemptId = takeText(cursor);
  pass(cursor, '","testStepId":"');
  const id = takeText(cursor);
  pass(cursor, timestamp);
  const atMs = takeMs(cursor);
  pass(cursor, '}}}');
  if (!isRead(cursor)) return false;
  heard(state, atMs);
  stepStarted(state, attemptId, id);
  return true;
};

const readStepFinished: Read = (state, cursor) => {
  const attemptId = takeText(cursor);
  pass(cursor, '","testStepId":"');
  takeText(cursor);
  pass(cursor, '","testStepResult":{"duration":{"seconds":');
  const tookMs = takeMs(cursor);
  pass(cursor, '},"status":"PASSED"},"timestamp":{"seconds":');
  const atMs = takeMs(cursor);
  pass(cursor, '}}}');
  if (!isRead(cursor)) return false;
  heard(state, atMs);
  stepPassed(state, attemptId, tookMs);
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
  const attemptId = takeText(cursor);
  pass(cursor, timestamp);
  const endedAtMs = takeMs(cursor);
  pass(cursor, '},"willBeRetried":false}}');
  if (!isRead(cursor)) return false;
  heard(state, endedAtMs);
  attemptFinished(state, attemptId, { endedAtMs, willBeRetried: false });
  return true;
};

const step = '{"id":"';

const testStepsIn = (line: string): unknown => {
  try {
    return fields(fields(JSON.parse(line)).testCase).testSteps;
  } catch {
    return []; // damaged in its middle: its steps have no names
  }
};

/** What its steps are is read when somebody asks. A quotation mark within a text has a backslash, so `{"id":"` is never in one. */
const readTestCase: Read = (state, cursor) => {
  const { line } = cursor;
  takeText(cursor);
  pass(cursor, '","pickleId":"');
  const pickleId = takeText(cursor);
  pass(cursor, '","id":"');
  const id = takeText(cursor);
  pass(cursor, '","testSteps":[');
  if (cursor.isLost || !line.endsWith(']}}')) return false;
  let stepCount = 0;
  for (let at = line.indexOf(step, cursor.at); at >= 0; at = line.indexOf(step, at + step.length)) stepCount += 1;
  state.hasMessages = true;
  const hasSteps = line.includes('","pickleStepId":"', cursor.at);
  planTestCase(state, { id, pickleId, stepCount, hasSteps, testSteps: () => testStepsIn(line) });
  return true;
};

/** What is read without parsing, by how it begins, the most frequent first. */
const readers: readonly (readonly [string, Read])[] = [
  ['{"testStepStarted":{"testCaseStartedId":"', readStepStarted],
  ['{"testStepFinished":{"testCaseStartedId":"', readStepFinished],
  ['{"testCaseStarted":{"attempt":', readTestCaseStarted],
  ['{"testCaseFinished":{"testCaseStartedId":"', readTestCaseFinished],
  ['{"testCase":{"testRunStartedId":"', readTestCase],
];

/**
 * Takes a line that says, in the very words of cucumber-js, what most lines say: that a step began or passed, that a scenario is
 * planned, begins or is over. These need no parsing. False for any other, which is left to `observe`; both come to the same.
 */
export const observeLine = (state: SuiteState, line: string): boolean => {
  const found = readers.find(([beginning]) => line.startsWith(beginning));
  if (found === undefined) return false;
  const [beginning, read] = found;
  return read(state, { line, at: beginning.length, isLost: false });
};
