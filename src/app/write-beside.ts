import { junitXml } from '../outcome/junit.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { ScenarioOutcome } from '../outcome/scenario-outcome.ts';
import type { EndedRun } from '../report/run-facts.ts';
import type { Scenarios } from '../report/scenario-details.ts';
import { runKeys } from '../run/keys.ts';
import { reportFiles } from '../run/report-file.ts';
import type { World } from './world.ts';
import { writeCucumberReport } from './write-cucumber-report.ts';

/** A run whose report is written. */
export interface ReportedRun {
  readonly ended: EndedRun;
  readonly outcome: Outcome;
  readonly scenarios: Scenarios;
  /** As JUnit XML has them. */
  readonly outcomes: readonly ScenarioOutcome[];
  /** Its messages, gzipped; undefined when there are none. */
  readonly packed: Uint8Array | undefined;
  /** The address of a file of the run. */
  readonly linkOf: (file: string) => string;
}

/** Writes what stands beside the report: JUnit XML, the messages, and Cucumber's own report of them. */
export async function writeBeside(run: ReportedRun, { store }: Pick<World, 'store'>): Promise<void> {
  const { ended, outcome, outcomes, packed } = run;
  const { environment, runId } = ended.plan;
  const keys = runKeys(environment, runId);
  const junit = [...junitXml({ name: environment, outcome, scenarios: outcomes })].join('');
  await store.put(keys.reportFile(reportFiles.junit), junit, 'application/xml; charset=utf-8');
  if (packed === undefined) return;
  await store.put(keys.reportFile(reportFiles.messages), packed, 'application/gzip');
  await writeCucumberReport({ ...run, packed }, store);
}
