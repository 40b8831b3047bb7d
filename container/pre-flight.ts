import type { SSMClient } from '@aws-sdk/client-ssm';
import type { SuitePlan } from '../src/run/plan.ts';
import { waitForAnswer } from './base-url.ts';
import { findChrome } from './chrome.ts';
import { readSuiteSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { readSuiteFolder, type SuiteFolder } from './suite-folder.ts';

/** All that a suite needs and was found to be there. */
export interface Prepared {
  readonly suite: SuiteFolder;
  readonly secrets: Secrets;
  readonly browserVersion?: string;
}

const secretsLimitMs = 30_000;

/**
 * Looks whether the suite can run at all: its cucumber-js, its secrets, the environment under test, the browser.
 *
 * @throws one sentence about the first thing that is missing, with what to do about it
 */
export async function prepare(input: { plan: SuitePlan; settings: Settings; ssm: SSMClient; signal: AbortSignal }): Promise<Prepared> {
  const { plan, settings, ssm, signal } = input;
  if (plan.ref !== undefined) throw new Error(`The suite cannot be fetched at "${plan.ref}" yet: only what is in the image can run.`);
  const suite = readSuiteFolder(settings.suite);
  const secrets = secretsOf(plan, ssm, AbortSignal.any([signal, AbortSignal.timeout(secretsLimitMs)]));
  const answer = waitForAnswer(plan.url, signal);
  const browser = browserVersion(settings.chromePath);
  // All at once; when several are missing, the first in this order is named.
  const all = await Promise.allSettled([suite, secrets, answer, browser]);
  for (const each of all) if (each.status === 'rejected') throw each.reason;
  const version = await browser;
  return { suite: await suite, secrets: await secrets, ...(version !== undefined && { browserVersion: version }) };
}

const secretsOf = async ({ secretsPath }: SuitePlan, ssm: SSMClient, signal: AbortSignal): Promise<Secrets> =>
  secretsPath === undefined ? {} : readSuiteSecrets(ssm, secretsPath, signal);

/** The version of the browser the image offers; whether a suite needs one, or has its own, we don't know. */
async function browserVersion(chromePath: string | undefined): Promise<string | undefined> {
  if (chromePath === undefined) return undefined;
  const chrome = await findChrome({ env: { CHROME_PATH: chromePath } });
  if (chrome.kind === 'none') throw new Error(chrome.because);
  return chrome.version;
}
