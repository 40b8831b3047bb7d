import { refusedMessage } from '../message/answers.ts';
import type { Message } from '../message/message.ts';
import { hasEnded } from '../message/run-view.ts';
import { code } from '../message/text.ts';
import { type LoggedShard, whyMessage } from '../message/why.ts';
import type { Run } from '../run/run.ts';
import { parseRunId } from '../run/run-id.ts';
import { errorText } from './log.ts';
import { masking } from './mask.ts';
import { readPlan, readRun } from './run-store.ts';
import { viewOf } from './view-run.ts';
import type { World } from './world.ts';

/** Tasks whose logs are shown: those of shards that were lost first. */
const mostLogs = 2;
/** The container masks the suite's secrets; here, whatever looks like one. */
const { text: masked } = masking([]);

/** Why a run ended as it did: what is known, and the last lines of its tasks' logs, as far as CloudWatch still has them. */
export async function explainRun(subject: { readonly environment: string; readonly runId: string }, world: World): Promise<Message> {
  const runId = parseRunId(subject.runId);
  const ref = runId && { environment: subject.environment, runId };
  const [plan, run] = ref === undefined ? [] : await Promise.all([readPlan(world.store, ref), readRun(world.store, ref)]);
  if (plan === undefined || run === undefined) return refusedMessage(`I know no run ${code(subject.runId)}.`);
  const view = await viewOf(plan, run, world);
  if (!hasEnded(view)) return refusedMessage(`${code(run.id)} has not ended.`);
  return whyMessage(view, await logsOf(run, world));
}

async function logsOf({ environment, phase, id }: Run, { taskLog, log }: World): Promise<readonly LoggedShard[]> {
  if (phase.kind !== 'finished') return [];
  const { shards } = phase.outcome;
  const isLost = (shard: number): boolean => shards?.lost.some((one) => one.shard === shard) ?? false;
  const tasks = phase.tasks.toSorted((a, b) => Number(isLost(b.shard)) - Number(isLost(a.shard)) || a.shard - b.shard);
  const logged = await Promise.all(
    tasks.slice(0, mostLogs).map(async ({ shard, taskArn }) => {
      try {
        return { shard, lines: (await taskLog.lastLines(environment, taskArn)).map(masked) };
      } catch (error) {
        log('warn', 'task log not read', { runId: id, because: errorText(error) });
        return { shard, lines: [] };
      }
    }),
  );
  return logged.filter(({ lines }) => lines.length > 0);
}
