import type { LogInsights } from '../aws/log-insights.ts';
import { scanCost } from '../coldstart/cost.ts';
import { parseDue } from '../coldstart/due.ts';
import { hourlyCounter, hourMs } from '../coldstart/hourly.ts';
import { type AskedQuery, type Occasion, toldKeys } from '../coldstart/request.ts';
import type { ColdStartSettings } from '../coldstart/settings.ts';
import { type Alert, newWatch, parseWatch, type Watch, watchHours } from '../coldstart/watch.ts';
import { dollars } from '../coldstart/words.ts';
import { bytesText } from '../message/cold-starts.ts';
import { alertMessage } from '../message/cold-starts-alert.ts';
import { keyHash } from '../run/run-id.ts';
import type { SayingWorld } from './say-once.ts';
import { type Question, tellAnswer } from './tell-cold-starts.ts';
import type { World } from './world.ts';

type WatchingWorld = SayingWorld & Pick<World, 'log'> & { readonly insights: LogInsights };
type Hours = Extract<Occasion, { kind: 'watch' }>;

/**
 * Takes in what complete queries have found of some hours, and says the jumps in them, and which are over: each once, however often
 * this is called, and wherever it dies.
 *
 * @throws when something let us down and the request should be delivered again
 */
export async function watchFound(
  question: Question,
  { from, to }: Hours,
  { queries, bytesScanned }: { readonly queries: readonly AskedQuery[]; readonly bytesScanned: number },
  world: WatchingWorld,
): Promise<void> {
  const { store, insights, log } = world;
  const { channel, text: scope } = question.request;
  const counter = hourlyCounter({ fromMs: from * hourMs, toMs: to * hourMs });
  // Earlier times first: an environment's lines stay in order.
  for (const { queryId } of queries.toSorted((a, b) => a.fromMs - b.fromMs))
    for await (const line of insights.lines(queryId)) counter.read(line);
  const hourly = counter.end();
  const watch = await store.update(toldKeys(channel).watch, parseWatch, (known) => {
    const now = known?.scope === scope ? known : newWatch(scope, from);
    // Who came before us has seen these hours.
    return now.until >= to ? now : watchHours({ ...now, until: Math.max(now.until, from) }, hourly, to);
  });
  if (watch !== undefined) await tellAlerts(question, watch, world);
  await store.update(toldKeys(channel).due, parseDue, (due) =>
    due?.watch?.scope === scope && due.watch.until < to ? { ...due, watch: { scope, until: to } } : due,
  );
  log('info', 'cold starts watched', { channel, hours: to - from, functions: hourly.functions.size, bytes: bytesScanned });
}

/** Says what was not said yet, in one message for each alert, which changes when something of it is over. */
async function tellAlerts(question: Question, { alerts }: Watch, world: WatchingWorld): Promise<void> {
  const { channel } = question.request;
  for (const alert of alerts.filter(({ said, revision }) => said < revision)) {
    await tellAnswer(alertQuestion(question, alert), alertMessage(alert.jumps), world);
    await world.store.update(toldKeys(channel).watch, parseWatch, (watch) =>
      watch === undefined
        ? undefined
        : { ...watch, alerts: watch.alerts.map((one) => (one.found === alert.found ? { ...one, said: alert.revision } : one)) },
    );
    world.log('info', 'alert told', { channel, found: alert.found, revision: alert.revision, jumps: alert.jumps.length });
  }
}

/** An alert has its message for itself, whichever look finds it. */
function alertQuestion(question: Question, { found }: Alert): Question {
  const { request } = question;
  const askedAt = new Date(found * hourMs).toISOString();
  const id = `${askedAt.slice(0, 10).replaceAll('-', '')}-${keyHash(`alert:${request.channel}:${request.text}:${found}`).slice(0, 12)}`;
  return { ...question, id, request: { ...request, askedAt } };
}

/** Remembers why a look came to nothing. */
export async function missWatch({ request }: Question, trouble: string, { store, log }: WatchingWorld): Promise<void> {
  log('warn', 'cold starts not watched', { channel: request.channel, because: trouble, next: 'it is tried again in half an hour' });
  await store.update(toldKeys(request.channel).due, parseDue, (due) =>
    due?.watch === undefined || due.watch.trouble === trouble ? due : { ...due, watch: { ...due.watch, trouble } },
  );
}

/** What is said of a watch that would cost more than coldframe.yml lets pass. */
export const watchTooExpensive = (bytesAWeek: number, { askAboveGb }: ColdStartSettings): string =>
  `CloudWatch would look at about ${bytesText(bytesAWeek)} a week for it, for about ${dollars(scanCost(bytesAWeek))}, and \`askAboveGb\` is ${askAboveGb}: name fewer \`functions\` for this channel, or raise it.`;
