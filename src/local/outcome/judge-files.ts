import { existsSync } from 'node:fs';
import { observe } from '../../outcome/judge.ts';
import { mergeShards } from '../../outcome/merge.ts';
import type { ReaderOptions } from '../../outcome/messages.ts';
import { verdictOnMessages } from '../../outcome/messages-verdict.ts';
import type { Failure, Outcome } from '../../outcome/outcome.ts';
import { observeLine } from '../../outcome/quick-lines.ts';
import { type ScenarioOutcome, scenarioOutcomes } from '../../outcome/scenario-outcome.ts';
import type { Suite } from '../../outcome/suite.ts';
import { type Quarantine, suiteSoFar } from '../../outcome/suite-so-far.ts';
import { emptySuite, type SuiteState } from '../../outcome/suite-state.ts';
import type { MessageFile } from './message-file.ts';

/** A run as its files tell it. */
export interface JudgedFiles {
  readonly outcome: Outcome;
  readonly suite: Suite;
  /** What failed, also of a run that broke. A suite that is not strict passes with scenarios that are pending. */
  readonly failures: readonly Failure[];
  /** What failed in quarantine: it fails no run. */
  readonly quarantined: readonly Failure[];
  readonly scenarios: readonly ScenarioOutcome[];
}

/** The messages of a run, some lines at a time: of one file as they stand there, of several as those of its shards, merged. */
export async function* linesIn(files: readonly MessageFile[]): AsyncGenerator<readonly string[]> {
  const [only, ...others] = files;
  if (only === undefined || others.length > 0) {
    yield* mergeShards(files.map(({ read }) => read));
    return;
  }
  let lines: string[] = [];
  for await (const _ of only.read((__, line) => lines.push(line), {})) {
    yield lines;
    lines = [];
  }
}

async function observeFiles(files: readonly MessageFile[], state: SuiteState): Promise<void> {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) {
    const how: ReaderOptions = { want: 'judging', quick: (...line) => observeLine(state, ...line) };
    for await (const _ of only.read((envelope) => observe(state, envelope), how));
    return;
  }
  for await (const lines of linesIn(files)) {
    for (const line of lines) if (!observeLine(state, line)) observe(state, JSON.parse(line));
  }
}

/** What the run of these files came to; several are its shards. */
export async function judgeFiles(files: readonly MessageFile[], quarantine?: Quarantine): Promise<JudgedFiles> {
  const state = emptySuite();
  await observeFiles(files, state);
  const suite = suiteSoFar(state, quarantine);
  const isComplete = files.every((file) => file.facts().damage === undefined);
  const outcome = withShards(verdictOnMessages(suite, { isComplete }), files);
  const [quarantined = [], failing = []] = [true, undefined].map((isIn) =>
    suite.failures.filter(({ isQuarantined }) => isQuarantined === isIn).map(({ failure }) => failure),
  );
  const failures = outcome.kind === 'passed' ? [] : failing;
  return { outcome, suite, failures, quarantined, scenarios: scenarioOutcomes(state, quarantine === undefined ? {} : { quarantine }) };
}

/** Why a file has no end, for a sentence. */
const lackOf = ({ name, facts }: MessageFile): string => {
  const { hasMessages, damage } = facts();
  if (!hasMessages) return damage ?? (name === '-' || existsSync(name) ? `${name} holds no message` : `there is no file ${name}`);
  return damage ?? `${name} ends before its run does`;
};

/** Of several shards, which did not come to their end. */
function withShards(outcome: Outcome, files: readonly MessageFile[]): Outcome {
  const lacking = files.filter((file) => !file.facts().hasEnd);
  if (outcome.kind !== 'unfinished' || lacking.length === 0) return outcome;
  const which = lacking.map(lackOf).join('; ').replace(/\.$/, '');
  const reported = files.length === 1 ? '' : `${files.length - lacking.length} of ${files.length} shards reported: `;
  return { ...outcome, stop: { ...outcome.stop, what: `${reported}${which}.` } };
}
