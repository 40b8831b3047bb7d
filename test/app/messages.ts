import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { observe } from '../../src/outcome/judge.ts';
import { messageReader } from '../../src/outcome/messages.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import type { ScenarioRef } from '../../src/run/dealt.ts';

const kit = dirname(createRequire(import.meta.url).resolve('@cucumber/compatibility-kit/package.json'));

/** The messages of a run with one scenario that passed: a sample of Cucumber's own compatibility kit. */
export const passedMessages = readFileSync(join(kit, 'features/minimal/minimal.ndjson'));

/** The messages of a run with one scenario that failed. */
export const failedMessages = readFileSync(join(kit, 'features/stack-traces/stack-traces.ndjson'));

/** The scenario in it. */
export const passedScenarios = scenariosIn(passedMessages.toString('utf8'));

/** The messages of a run that ended well and had nothing to do. */
export const nothingMessages = readFileSync(new URL('../fixtures/messages/nothing-matches.ndjson', import.meta.url));

function scenariosIn(ndjson: string): readonly ScenarioRef[] {
  const state = emptySuite();
  messageReader((envelope) => observe(state, envelope)).feed(ndjson);
  return [...state.testCases.values()].map(({ name: { id = '', uri, line, scenario } }) => ({ id, uri, line, scenario }));
}
