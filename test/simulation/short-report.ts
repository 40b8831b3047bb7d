import type { World } from '../../src/app/world.ts';
import type { WrittenReport } from '../../src/app/write-report.ts';
import type { EndedRun } from '../../src/report/run-facts.ts';
import { runKeys } from '../../src/run/keys.ts';
import { reportFiles } from '../../src/run/report-file.ts';

/** Stands in for src/app/write-report.ts: a report that takes no time to make, written as the real one is. */
export async function writeReport({ plan: { environment, runId } }: EndedRun, _: unknown, { store }: World): Promise<WrittenReport> {
  const { reportFile } = runKeys(environment, runId);
  const write = (file: string) => store.put(reportFile(file), 'a report', 'text/html; charset=utf-8');
  await write(reportFiles.page);
  return { writeBeside: () => write('cucumber.html') };
}
