import { blindSince, type Due, type DueRequest, dueDigest, dueWatch, parseDue } from '../coldstart/due.ts';
import { hourMs } from '../coldstart/hourly.ts';
import { type ColdStartsRequest, toldKeys } from '../coldstart/request.ts';
import type { ToldChannel } from '../coldstart/settings.ts';
import { blindMessage } from '../message/cold-starts-alert.ts';
import { errorText } from './log.ts';
import { type ColdStartsWorld, questionOf } from './report-cold-starts.ts';
import { isAnswered, tellAnswer } from './tell-cold-starts.ts';

/**
 * Asks for the digests and watches of coldframe.yml that are due: called every five minutes, from anywhere, as often as it likes.
 * One channel's trouble is not another's. Never throws: the next call comes in five minutes.
 */
export async function tellWhatIsDue({ now }: DueRequest, world: ColdStartsWorld): Promise<void> {
  for (const told of world.settings?.channels ?? []) {
    try {
      await (now === undefined ? tellChannel(told, world) : askForDigest(told, now, world));
    } catch (error) {
      const next = 'it is tried again in five minutes';
      world.log('error', 'what is due was not asked for', { channel: told.channel, because: errorText(error), next });
    }
  }
}

async function tellChannel(told: ToldChannel, world: ColdStartsWorld): Promise<void> {
  const key = toldKeys(told.channel).due;
  const nowMs = world.nowMs();
  const before = (await world.store.get(key, parseDue))?.value;
  const isDigestAnswered = await isDigestThere(told, before, world);
  let asks: readonly ColdStartsRequest[] = [];
  const due = await world.store.update(key, parseDue, (known) => {
    const digest =
      told.digest === undefined ? undefined : dueDigest(known?.digest, { schedule: told.digest, nowMs, isAnswered: isDigestAnswered });
    const watch = told.alert ? dueWatch(known?.watch, { scope: told.functions.join(' '), nowMs }) : undefined;
    asks = [
      ...(digest?.scheduledAt === undefined ? [] : [digestRequest(told, digest.scheduledAt)]),
      ...(watch?.hours === undefined ? [] : [watchRequest(told, watch.hours, nowMs)]),
    ];
    const isSame = (digest === undefined || digest.next === known?.digest) && (watch === undefined || watch.next === known?.watch);
    if (isSame) return known;
    return { version: 1 as const, ...(digest !== undefined && { digest: digest.next }), ...(watch !== undefined && { watch: watch.next }) };
  });
  // Written first: should this fail, it is asked for again when the answer fails to come.
  for (const detail of asks) await world.bus.put({ detailType: 'Cold Starts Requested', detail });
  await tellBlind(told, due, world);
}

/** Whether the digest that was asked for has been said. */
async function isDigestThere(told: ToldChannel, due: Due | undefined, world: ColdStartsWorld): Promise<boolean> {
  if (due?.digest === undefined || due.digest.isDone) return false;
  const question = questionOf(digestRequest(told, due.digest.scheduledAt), world);
  return question !== undefined && (await isAnswered(question, world));
}

async function askForDigest(told: ToldChannel, now: string, { bus }: ColdStartsWorld): Promise<void> {
  if (told.digest !== undefined) await bus.put({ detailType: 'Cold Starts Requested', detail: digestRequest(told, now) });
}

/** Says that there was nothing to be seen for hours: once for each time that begins. */
async function tellBlind(told: ToldChannel, due: Due | undefined, world: ColdStartsWorld): Promise<void> {
  const since = due?.watch && blindSince(due.watch, world.nowMs());
  if (due?.watch?.trouble === undefined || since === undefined) return;
  const question = questionOf(
    { ...watchRequest(told, { from: since, to: since }, since * hourMs), key: `blind:${told.channel}:${since}` },
    world,
  );
  if (question === undefined || (await isAnswered(question, world))) return;
  await tellAnswer(question, blindMessage(since, due.watch.trouble), world);
}

const nobody = { version: 1, userId: '' } as const;

/** The same digest is the same request, whoever asks for it. */
const digestRequest = ({ channel, functions }: ToldChannel, scheduledAt: string): ColdStartsRequest => ({
  ...nobody,
  key: `digest:${channel}:${scheduledAt}`,
  askedAt: scheduledAt,
  channel,
  text: [...functions, '7d'].join(' '),
  occasion: { kind: 'digest' },
});

const watchRequest = (
  { channel, functions }: ToldChannel,
  { from, to }: { from: number; to: number },
  nowMs: number,
): ColdStartsRequest => ({
  ...nobody,
  key: `watch:${channel}:${from}:${to}`,
  askedAt: new Date(nowMs).toISOString(),
  channel,
  text: functions.join(' '),
  occasion: { kind: 'watch', from, to },
});
