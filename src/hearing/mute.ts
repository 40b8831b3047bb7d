import type { Failure } from '../outcome/outcome.ts';
import type { Hearing, Mute } from './hearing.ts';
import { causeHash } from './troubles.ts';

/** How long a failure is muted, unless it passes before. */
const muteMs = 7 * 86_400_000;
/** So many scenarios of a cause are remembered: when one of these passes and none fails, it is over. */
const mostScenarios = 100;
const mostMutes = 200;

/** The failures of a run that have this cause, muted by somebody; undefined when it has none. */
export function muteOf(
  failures: readonly Failure[],
  given: Pick<Mute, 'cause' | 'run' | 'by' | 'at' | 'ref'> & { readonly words: string },
): Mute | undefined {
  const those = failures.filter((failure) => causeHash(failure) === given.cause);
  if (those.length === 0) return undefined;
  const until = new Date(Date.parse(given.at) + muteMs).toISOString();
  return { ...given, words: given.words.slice(0, 300), scenarios: those.flatMap(({ id }) => id ?? []).slice(0, mostScenarios), until };
}

/** With one more mute, in the place of an older one of the same cause. */
export const withMute = (hearing: Hearing, mute: Mute): Hearing => ({
  ...hearing,
  mutes: [...hearing.mutes.filter(({ cause }) => cause !== mute.cause), mute].slice(-mostMutes),
});

/** Without the mute of a cause. */
export const withoutMute = (hearing: Hearing, cause: string): Hearing => ({
  ...hearing,
  mutes: hearing.mutes.filter((mute) => mute.cause !== cause),
});
