import type { SSMClient } from '@aws-sdk/client-ssm';
import type { SuitePlan } from '../src/run/plan.ts';
import { waitForAnswer } from './base-url.ts';
import { checkBrowser } from './browser-check.ts';
import { readSuiteSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { type FetchedSuite, fetchSuite } from './suite-fetch.ts';
import { readSuiteFolder, type SuiteFolder } from './suite-folder.ts';
import { suiteInImage } from './suite-in-image.ts';

/** What a suite needs to be started. */
export interface Prepared {
  readonly suite: SuiteFolder;
  readonly secrets: Secrets;
  /** Where the suite came from; it has a commit when it was fetched. */
  readonly source: FetchedSuite;
  /** Settles when the environment under test has answered and the browser has shown a page, and gives its version; rejects like `prepare`. */
  readonly passed: Promise<string | undefined>;
  /** Removes what was fetched, and ends what is still being looked at. */
  discard(): Promise<void>;
}

export interface Preparing {
  readonly plan: SuitePlan;
  readonly settings: Settings;
  readonly ssm: SSMClient;
  /** The container's environment variables. */
  readonly base: Readonly<Record<string, string | undefined>>;
  /** Words for the mark on the run's processes that no other run has. */
  readonly mark: string;
  readonly signal: AbortSignal;
}

const secretsLimitMs = 30_000;

/**
 * Looks whether the suite can run at all: its cucumber-js, its secrets, the environment under test, the browser. All at once; when
 * several are missing, the first in this order is named, and nobody waits for the others. What a suite's process needs is there first.
 *
 * @throws one sentence about the first thing that is missing, with what to do about it
 */
export async function prepare(input: Preparing): Promise<Prepared> {
  const { plan, settings, ssm } = input;
  const over = new AbortController();
  const signal = AbortSignal.any([input.signal, over.signal]);
  const secrets = secretsOf(plan, ssm, AbortSignal.any([signal, AbortSignal.timeout(secretsLimitMs)]));
  const source =
    plan.ref === undefined ? suiteInImage(settings.suite) : fetchSuite({ ...input, imageSuite: settings.suite, secrets, signal });
  const suite = source.then(({ folder }) => readSuiteFolder(folder));
  const answer = waitForAnswer(plan.url, signal);
  const browser = browserVersion(settings.chromePath, `${input.mark}/browser`, signal);
  const all = Promise.allSettled([source, suite, secrets, answer, browser]);
  const passed = answer.then(() => browser);
  passed.catch(() => {
    // whoever waits for it is told
  });
  const discard = async () => {
    over.abort(new Error('the suite cannot run anyway'));
    const [fetched] = await all;
    if (fetched.status === 'fulfilled') await fetched.value.discard();
  };
  try {
    return { source: await source, suite: await suite, secrets: await secrets, passed, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

const secretsOf = async ({ secretsPath }: SuitePlan, ssm: SSMClient, signal: AbortSignal): Promise<Secrets> =>
  secretsPath === undefined ? {} : readSuiteSecrets(ssm, secretsPath, signal);

/** The version of the browser the image offers; whether a suite needs one, or has its own, we don't know. */
const browserVersion = async (chromePath: string | undefined, mark: string, signal: AbortSignal): Promise<string | undefined> =>
  chromePath === undefined ? undefined : checkBrowser(chromePath, mark, signal);
