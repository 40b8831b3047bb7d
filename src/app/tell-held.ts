import type { Hearing, Held } from '../hearing/hearing.ts';
import { heldMessage } from '../message/held.ts';
import { environmentKeys } from '../run/keys.ts';
import { historyPage, linkTo } from '../run/link.ts';
import { keyHash } from '../run/run-id.ts';
import { changeHearing, readHearing } from './hearing-store.ts';
import { linkGeneration } from './link-store.ts';
import { sayOnce } from './say-once.ts';
import type { World } from './world.ts';

/**
 * Says what was held back until now: the pings of quiet hours, and digests. Once for each channel and time, whoever dies over it.
 *
 * @throws when Slack did not take it now
 */
export async function tellHeld(environment: string, world: World): Promise<void> {
  const hearing = await readHearing(environment, world);
  const due = hearing.held.filter(({ until }) => Date.parse(until) <= world.nowMs());
  for (const held of Map.groupBy(due, ({ channel, until }) => `${channel} ${until}`).values())
    await tell(environment, held, hearing, world);
}

async function tell(environment: string, held: readonly Held[], hearing: Hearing, world: World): Promise<void> {
  const [first] = held;
  if (first === undefined) return;
  const { store, linkKey, catalogue, log } = world;
  const { channel, until } = first;
  const isOpen = new Set(hearing.open.map(({ key }) => key));
  const runs = held.map((one) => ({ ...one, isOpen: one.keys.some((key) => isOpen.has(key)) }));
  const historyUrl = linkTo({ environment, ...historyPage, generation: await linkGeneration(environment, store) }, linkKey);
  const home = catalogue.get(environment)?.channel;
  const places = [...new Set([channel, ...(home === undefined ? [] : [home])])].map((one) => ({ channel: one }));
  const topic = {
    key: environmentKeys(environment).digest(keyHash(`${channel} ${until}`)),
    id: `${environment}-held-${channel}-${until}`,
    askedAt: until,
    events: { parent: 'coldframe_digest', reply: 'coldframe_digest' },
  } as const;
  const said = await sayOnce({ slot: 'parent', topic, message: heldMessage(environment, runs, historyUrl), places }, world);
  if (said.kind === 'busy') return;
  if (said.kind === 'later') throw new Error(`what was held back of ${environment} is not said yet: ${said.because}`);
  if (said.kind === 'given-up')
    log('error', 'held news not told', { environment, because: said.because, next: `invite me to ${channel}, or change the channel` });
  const told = new Set(held.map(({ runId }) => runId));
  await changeHearing(environment, world, (now) => ({
    ...now,
    held: now.held.filter((one) => !(told.has(one.runId) && one.until === until)),
  }));
  if (said.kind === 'said') log('info', 'held news told', { environment, runs: held.length });
}
