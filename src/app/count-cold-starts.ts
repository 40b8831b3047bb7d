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
}

/** Counts what complete queries have found, and foresees what was asked, or else what is usually worth asking. */
export async function countFound({ queries, toMs, windowMs, whatIfs }: Found, insights: LogInsights): Promise<Summary> {
  const book = arrivalBook();
  const counter = coldStartCounter({ window: { fromMs: toMs - windowMs, toMs }, tell: book.add });
  // Earlier times first: an environment's lines stay in order.
  for (const { queryId } of queries.toSorted((a, b) => a.fromMs - b.fromMs))
    for await (const line of insights.lines(queryId)) counter.read(line);
  const counted = counter.end();
  const groups = [...new Set(queries.flatMap((query) => query.groups))];
  const silent = groups.filter((group) => !counted.functions.has(functionOfGroup(group).functionName)).slice(0, mostSilent);
  const hiding = await Promise.all(silent.map(async (group) => ({ group, lastMs: await insights.lastEventMs(group) })));
  const hidden = hiding
    .filter(({ lastMs }) => lastMs !== undefined && lastMs >= toMs - windowMs)
    .map(({ group }) => functionOfGroup(group).functionName);
  const changes = whatIfs.length > 0 ? whatIfs : usualChanges(counted.functions);
  const isWorthIt = whatIfs.length > 0 || counted.all.invocations >= fewest;
  const canForesee = isWorthIt && whatIfRefusal(counted, changes) === undefined;
  const summary = summarise({ counted, whatIfs: changes, spanMs: windowMs, ...(canForesee && { arrivals: book.close() }) });
  if (hidden.length === 0) return summary;
  const sentence = `${hidden.join(', ')} ${hidden.length === 1 ? 'writes a log but no reports' : 'write logs but no reports'}: the system log level hides them. Set it to INFO.`;
  return { ...summary, untold: [...summary.untold, sentence] };
}
