import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

/** What takes too much. */
export const floodEndings: readonly Ending[] = [
  {
    name: 'output-flood',
    like: 'attachment-flood',
    title: 'a step prints 300 MB; the task has 512 MB of memory',
    files: aSuite(
      { first: ['I print and print'] },
      `const line = 'x'.repeat(999) + '\\n';
      Given('I print and print', { timeout: -1 }, async () => { await event(); for (let i = 0; i < 300; i += 1) await new Promise((resolve) => process.stdout.write(line.repeat(1000), resolve)); });`,
    ),
    environment: { memoryMb: 512 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'message-flood',
    like: 'attachment-flood',
    title: 'a step logs 50,000 lines; the task has 512 MB of memory',
    files: aSuite(
      { first: ['I log and log'] },
      `Given('I log and log', { timeout: -1 }, async function () { await event(); for (let i = 0; i < 50_000; i += 1) this.log('line ' + i); });`,
    ),
    environment: { memoryMb: 512 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'attachment-flood',
    leftOut: 'it takes 15 seconds',
    title: 'a step attaches 120 MB of pictures; the task has 512 MB of memory',
    files: aSuite(
      { first: ['I attach and attach'] },
      `import { randomBytes } from 'node:crypto';
      Given('I attach and attach', { timeout: -1 }, async function () { await event(); for (let i = 0; i < 120; i += 1) { this.attach(randomBytes(1_000_000), 'image/png'); await new Promise((r) => setImmediate(r)); } });`,
    ),
    environment: { memoryMb: 512 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'huge-attachment',
    like: 'attachment-flood',
    title: 'a step attaches 200 MB at once',
    files: aSuite(
      { first: ['I attach much'] },
      `Given('I attach much', { timeout: -1 }, async function () { await event(); this.attach(Buffer.alloc(200_000_000), 'video/mp4'); });`,
    ),
    environment: { memoryMb: 2_048 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'heap-full',
    like: 'cucumber-killed',
    title: "cucumber's process runs out of JavaScript memory",
    files: aSuite(
      { first: ['all is well'], second: ['I keep everything'] },
      `Given('I keep everything', { timeout: -1 }, async () => { await event(); const kept = []; for (;;) kept.push(new Array(1e5).fill(0)); });`,
    ),
    variables: () => ({ NODE_OPTIONS: '--max-old-space-size=96' }),
    kind: 'unfinished',
    says: ['memory'],
  },
  {
    name: 'disk-full',
    title: "the task's disk is full",
    files: aSuite(
      { first: ['all is well'], second: ['I attach much'], third: ['all is well'] },
      `Given('I attach much', async function () { await event(); this.attach(Buffer.alloc(3_000_000), 'image/png'); });`,
    ),
    command: (own) => ['/bin/sh', '-c', 'ulimit -f 2000; exec "$@"', 'sh', ...own],
    kind: 'unfinished',
    says: ["The task's disk is full", 'ephemeral storage', 'second › Given I attach much'],
  },
  {
    name: 'disk-full-early',
    like: 'throws-on-load',
    title: "the task's disk is full before the suite has begun",
    files: aSuite({ first: ['all is well'] }),
    command: (own) => ['/bin/sh', '-c', 'ulimit -f 0; exec "$@"', 'sh', ...own],
    kind: 'broken',
    says: ["The task's disk is full before the suite has begun", 'ephemeral storage'],
  },
];
