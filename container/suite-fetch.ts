import type { SuitePlan } from '../src/run/plan.ts';
import type { Secrets } from './secrets.ts';
import { checkOutSuite } from './suite-checkout.ts';
import { type Installed, installDependencies } from './suite-dependencies.ts';

/** A suite that is ready to run, but for what it runs on. */
export interface FetchedSuite {
  readonly folder: string;
  /** Hash of the commit; absent for the suite in the image. */
  readonly commit?: string;
  /** How it came to its packages. */
  readonly dependencies?: Installed;
  /** Removes what was fetched. */
  discard(): Promise<void>;
}

/**
 * The suite of the plan's repository at the plan's ref, with its dependencies.
 *
 * @throws one sentence about what is in the way, with what to do about it
 */
export async function fetchSuite(input: {
  plan: SuitePlan;
  imageSuite: string;
  secrets: Promise<Secrets>;
  base: Readonly<Record<string, string | undefined>>;
  mark: string;
  signal: AbortSignal;
}): Promise<FetchedSuite> {
  const { plan, imageSuite, base, mark, signal } = input;
  const { ref = '', commit: pinned, source, secretsPath } = plan;
  if (source === undefined)
    throw new Error(`The suite cannot be fetched at \`${ref}\`: coldframe.yml names no \`suite.repository\` for this environment.`);
  const secrets = await input.secrets;
  const checkout = await checkOutSuite({ source, ref: pinned ?? ref, secrets, base, secretsPath, mark, signal });
  const { folder, commit, remove } = checkout;
  try {
    const dependencies = await installDependencies({ checkout, imageSuite, secrets, base, mark, signal });
    return { folder, commit, dependencies, discard: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
