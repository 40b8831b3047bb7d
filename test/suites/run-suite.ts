import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { judge } from '../../src/outcome/suite-so-far.ts';
import type { ContainerWorld, Files, ShardObjects } from '../container/container-world.ts';
import type { SuiteKind } from './kinds.ts';

/** Where the packages of a suite are installed: cucumber, and what its kind asks for. */
export type Packages = Files;

/** Long enough for a machine that is busy with others: how fast a suite is, is not the question. */
const limitMs = 280_000;

const sources = fileURLToPath(new URL('../../container/main.ts', import.meta.url));

let runs = 0;

/** Runs a suite of this kind in a container and gives what it wrote; what is in its own files, too. */
export async function runSuiteKind(world: ContainerWorld, kind: SuiteKind, packages: Packages, env: Record<string, string> = {}) {
  runs += 1;
  const runId = `local-20261123-0500-${String(runs).padStart(6, '0')}`;
  const suite = await world.suite(kind.files, packages);
  // The loader of the image lies beside its bundle (test/container/bundle.test.ts): the sources find the repository's.
  const program = kind.needsLoader === true ? { program: sources } : {};
  const container = await world.start({ suite, runId, plan: { limitMs, ...kind.plan }, env, ...program });
  const { code } = await container.ended;
  expect(code, container.output()).toBe(0);
  const shard: ShardObjects = world.of(runId);
  return {
    result: shard.result(),
    counts: judge(shard.messages()).counts,
    failures: judge(shard.messages()).failures.map(({ failure }) => failure),
    /** What the suite said with `log`. */
    logged: shard.messages().flatMap((message) => ('attachment' in message ? [(message.attachment as { body: string }).body] : [])),
    output: container.output(),
    file: (name: string) => readFile(join(suite, name), 'utf8'),
  };
}
