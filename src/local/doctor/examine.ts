import { errorText } from '../../app/log.ts';
import { ciKeys } from './ci-keys.ts';
import { concurrency } from './concurrency.ts';
import { deliveryOf, doorOf } from './door.ts';
import type { Finding } from './finding.ts';
import { image } from './image.ts';
import { network } from './network.ts';
import { parameters, suiteSecrets } from './parameters.ts';
import type { Patient } from './patient.ts';
import { quota } from './quota.ts';
import { rules } from './rules.ts';
import { slack } from './slack.ts';

/** Looks at everything that a deployment needs to work, and gives each finding as soon as it is there. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const looks: readonly (readonly [about: string, look: (patient: Patient) => Promise<readonly Finding[]>])[] = [
    ['parameters', parameters],
    ['suite', suiteSecrets],
    ['ci', ciKeys],
    ['slack', slack],
    ['image', image],
    ['network', network],
    ['quota', quota],
    ['concurrency', concurrency],
    ['rules', rules],
  ];
  const door = await seen('door', () => doorOf(patient));
  yield* door.findings;
  for (const [about, look] of looks) yield* (await seen(about, async () => ({ findings: await look(patient) }))).findings;
  const { aheadMs = 0 } = door;
  yield* (await seen('delivery', async () => ({ findings: await deliveryOf(patient, aheadMs) }))).findings;
}

/** What could not be looked at is a finding, too. */
async function seen(
  about: string,
  look: () => Promise<{ readonly findings: readonly Finding[]; readonly aheadMs?: number }>,
): Promise<{ readonly findings: readonly Finding[]; readonly aheadMs?: number }> {
  try {
    return await look();
  } catch (error) {
    const remedy = 'grant it to yourself, or ask somebody who has it; the rest was looked at all the same';
    return { findings: [{ kind: 'unseen', about, says: `could not be looked at: ${nameOf(error)}${errorText(error)}`, remedy }] };
  }
}

const nameOf = (error: unknown): string => (error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '');
