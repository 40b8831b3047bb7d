import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Storm } from './storms.ts';

/** A safeguard taken away: the one place in a source file where these words stand, and what stands there instead. */
export interface Mutant {
  readonly file: string;
  readonly words: string;
  readonly instead: string;
  /** What has to go wrong more often than it does, for it to matter within a thousand histories. */
  readonly storm?: Storm;
}

const root = new URL('../../', import.meta.url).href;

const here = `${root}test/simulation/`;
/** What takes long to load, and what for. */
const thin = [
  '@aws-sdk/client-s3',
  '@aws-sdk/client-ecs',
  '@aws-sdk/client-cloudwatch-logs',
  '@aws-sdk/s3-request-presigner',
  '@slack/web-api',
];
/** Sources of ours that would take most of the time, and what stands in for them. */
const quick: Readonly<Record<string, string>> = {
  [`${root}src/app/write-report.ts`]: `${here}short-report.ts`,
  [`${root}src/app/put-history-page.ts`]: `${here}short-history.ts`,
  [`${root}src/aws/stored-json.ts`]: `${here}remembered-json.ts`,
};

/**
 * From here on, whoever imports our sources gets them without a safeguard, with a report that takes no time to make, and with no more of
 * the SDKs than they name. @throws when a file has changed and the words are not there once
 */
export function replaceSources(mutant?: Mutant): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (thin.includes(specifier)) return { url: `${here}thin-sdk.ts`, shortCircuit: true };
      const found = next(specifier, context);
      const instead = quick[found.url];
      return instead === undefined ? found : { ...found, url: instead };
    },
    load(url, context, next) {
      if (mutant === undefined || url !== `${root}${mutant.file}`) return next(url, context);
      const source = readFileSync(fileURLToPath(url), 'utf8');
      if (source.split(mutant.words).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.words}`);
      return { format: 'module-typescript', source: source.replace(mutant.words, () => mutant.instead), shortCircuit: true };
    },
  });
}
