import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Envelope } from '@cucumber/messages';
import { Query } from '@cucumber/query';

/** What a run came to, as far as each of the readers can tell: the scenarios of each status, and the names of those that failed. */
export interface Told {
  readonly counts: Readonly<Record<string, number>>;
  readonly failed: number;
}

/** Cucumber's own way: every message into a `Query`, then its counts and the names of what failed. */
export async function byQuery(files: readonly string[]): Promise<Told> {
  const query = new Query();
  for (const file of files) for await (const line of linesOf(file)) query.update(JSON.parse(line) as Envelope);
  const counts = Object.fromEntries(Object.entries(query.countMostSevereTestStepResultStatus()).filter(([, count]) => count > 0));
  const failed = query.findAllTestCaseFinished().filter((finished) => query.findMostSevereTestStepResultBy(finished)?.status === 'FAILED');
  const names = failed.map((finished) => query.findPickleBy(finished)?.name);
  return { counts, failed: names.length };
}

const skipped = ['{"attachment"', '{"source"', '{"gherkinDocument"', '{"stepDefinition"'];
const severity = ['UNKNOWN', 'PASSED', 'SKIPPED', 'PENDING', 'UNDEFINED', 'AMBIGUOUS', 'FAILED'];

/**
 * The least that one would write for it: a loop over the lines that leaves out by their beginnings what it need not parse, and keeps a
 * status for each attempt and a name for each scenario. No reasons, no screenshots, nothing that is cut off, no ids across runs.
 */
export async function byPlainReducer(files: readonly string[]): Promise<Told> {
  const pickles = new Map<string, string>();
  const testCases = new Map<string, string>();
  const open = new Map<string, { readonly testCase: string; worst: number }>();
  const statuses = new Map<string, number>();
  for (const file of files)
    for await (const line of linesOf(file)) {
      if (skipped.some((beginning) => line.startsWith(beginning))) continue;
      const { pickle, testCase, testCaseStarted, testStepFinished, testCaseFinished } = JSON.parse(line) as Envelope;
      if (pickle) pickles.set(pickle.id, pickle.name);
      else if (testCase) testCases.set(testCase.id, testCase.pickleId);
      else if (testCaseStarted) open.set(testCaseStarted.id, { testCase: testCaseStarted.testCaseId, worst: 0 });
      else if (testStepFinished) {
        const attempt = open.get(testStepFinished.testCaseStartedId);
        if (attempt) attempt.worst = Math.max(attempt.worst, severity.indexOf(testStepFinished.testStepResult.status));
      } else if (testCaseFinished) {
        const attempt = open.get(testCaseFinished.testCaseStartedId);
        if (attempt) statuses.set(attempt.testCase, attempt.worst);
        open.delete(testCaseFinished.testCaseStartedId);
      }
    }
  const counts: Record<string, number> = {};
  const failed: (string | undefined)[] = [];
  for (const [testCase, worst] of statuses) {
    const status = severity[worst] ?? '';
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 'FAILED') failed.push(pickles.get(testCases.get(testCase) ?? ''));
  }
  return { counts, failed: failed.length };
}

/** The floor of whoever parses: every line, by `JSON.parse`, of which nothing is kept. */
export function byParsing(pieces: Iterable<Uint8Array>): Told {
  const decoder = new TextDecoder();
  let failed = 0;
  let text = '';
  for (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const { testStepFinished } = JSON.parse(text.slice(from, end)) as Envelope;
      if (testStepFinished?.testStepResult.status === 'FAILED') failed += 1;
      from = end + 1;
    }
    text = text.slice(from);
  }
  return { counts: { failed }, failed };
}

const linesOf = (file: string) => createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
