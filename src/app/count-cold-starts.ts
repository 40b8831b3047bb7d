import type { LogInsights } from '../aws/log-insights.ts';
import { arrivalBook } from '../coldstart/arrivals.ts';
import { coldStartCounter } from '../coldstart/count.ts';
import { functionOfGroup } from '../coldstart/exported-log.ts';
import type { AskedQuery } from '../coldstart/request.ts';
import { type Summary, summarise, usualChanges, whatIfRefusal } from '../coldstart/summary.ts';
import type { WhatIf } from '../coldstart/what-if.ts';

/** Of fewer calls nobody foresees anything unasked. */
const fewest = 100;
/** Asking each silent function's log costs a call. */
const mostSilent = 20;

interface Found {
  readonly queries: readonly AskedQuery[];
  readonly toMs: number;
  readonly windowMs: number;
  readonly whatIfs: readonly WhatIf[];
  /** The warm calls were counted by CloudWatch. */
  readonly isHot: boolean;
}

/** Counts what complete queries have found, and foresees what was asked, or else what is usually worth asking. */
export async function countFound({ queries, toMs, windowMs, whatIfs, isHot }: Found, insights: LogInsights): Promise<Summary> {
  const book = arrivalBook();
  const window = { fromMs: toMs - windowMs, toMs };
  const counter = coldStartCounter({ window, tell: book.add });
  // Earlier times first: an environment's lines stay in order.
  for (const { queryId, wanted, fromMs } of queries.toSorted((a, b) => a.fromMs - b.fromMs))
    if (wanted === 'warm-calls')
      // An hour may begin before the time that was asked about, its calls do not.
      for await (const { functionName, hourMs, ...counted } of insights.warmCalls(queryId))
        counter.add(functionName, Math.max(hourMs, fromMs), counted);
    else for await (const line of insights.lines(queryId)) counter.read(line);
  const counted = counter.end();
  const groups = [...new Set(queries.flatMap((query) => query.groups))];
  const silent = groups.filter((group) => !counted.functions.has(functionOfGroup(group).functionName)).slice(0, mostSilent);
  const hiding = await Promise.all(silent.map(async (group) => ({ group, lastMs: await insights.lastEventMs(group) })));
  const hidden = hiding
    .filter(({ lastMs }) => lastMs !== undefined && lastMs >= toMs - windowMs)
    .map(({ group }) => functionOfGroup(group).functionName);
  const changes = whatIfs.length > 0 ? whatIfs : usualChanges(counted.functions);
  const whyNot = isHot ? hotText : whatIfRefusal(counted, changes);
  const isWorthIt = whatIfs.length > 0 || counted.all.invocations >= fewest;
  const arrivals = isWorthIt && whyNot === undefined ? { arrivals: book.close() } : {};
  const summary = summarise({ counted, whatIfs: changes, window, ...arrivals });
  return {
    ...summary,
    untold: [
      ...summary.untold,
      // Unasked, nobody misses a what-if; but of so many calls it is said why there is less than usual.
      ...(whyNot !== undefined && (isHot || whatIfs.length > 0) ? [whyNot] : []),
      ...(hidden.length > 0 ? [hiddenText(hidden)] : []),
    ],
  };
}

const hotText =
  'There are so many calls that CloudWatch has counted the warm ones: there is no what-if, and restarts after a crash are not seen. A shorter window, or fewer functions, has both.';

const hiddenText = (names: readonly string[]): string =>
  `${names.join(', ')} ${names.length === 1 ? 'writes a log but no reports' : 'write logs but no reports'}: the system log level hides them. Set it to INFO.`;
