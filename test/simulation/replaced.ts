import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A safeguard taken away: the one place in a source file where these words stand, and what stands there instead. */
export interface Mutant {
  readonly file: string;
  readonly words: string;
  readonly instead: string;
}

const root = new URL('../../', import.meta.url).href;

/** From here on, whoever imports our sources gets them without a safeguard, and with a report that takes no time to make. @throws when a file has changed and the words are not there once */
export function replaceSources(mutant?: Mutant): void {
  registerHooks({
    load(url, context, next) {
      if (url === `${root}src/app/write-report.ts`)
        return { ...next(`${root}test/simulation/short-report.ts`, context), shortCircuit: true };
      if (mutant === undefined || url !== `${root}${mutant.file}`) return next(url, context);
      const source = readFileSync(fileURLToPath(url), 'utf8');
      if (source.split(mutant.words).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.words}`);
      return { format: 'module-typescript', source: source.replace(mutant.words, () => mutant.instead), shortCircuit: true };
    },
  });
}
