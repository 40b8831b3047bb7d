import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const kit = dirname(createRequire(import.meta.url).resolve('@cucumber/compatibility-kit/package.json'));

/** The messages of a run with one scenario that passed: a sample of Cucumber's own compatibility kit. */
export const passedMessages = readFileSync(join(kit, 'features/minimal/minimal.ndjson'));
