import { readFileSync } from 'node:fs';
import { readColdframeFile } from '../src/local/read-catalogue.ts';
import type { Place } from '../src/local/stack/cloudformation-names.ts';
import { readStack } from '../src/local/stack/read-stack.ts';
import type { Stack } from '../src/local/stack/stack.ts';
import { generatedParts } from '../src/local/stack/task-resources.ts';

/** serverless.yml as it is written. */
export const serverlessYml = readFileSync(new URL('../serverless.yml', import.meta.url), 'utf8');
export const localPlace: Place = { stage: 'local', account: '000000000000', region: 'eu-central-1', publicUrl: 'http://127.0.0.1:4000' };
const file = await readColdframeFile();

/** Our own stack, or what becomes of it with another serverless.yml. */
export const ourStack = (text = serverlessYml, place = localPlace): Stack => readStack(text, place, generatedParts(file, place.stage));
