import { describe, expect, it } from 'vitest';
import { explainProcessEnd } from '../../src/outcome/process-end.ts';
import type { ShardResult } from '../../src/run/shard.ts';
import { shardResult } from './streams.ts';

const heap = `
<--- Last few GCs --->
[7305:0x22d01000]      676 ms: Mark-Compact 94.6 (224.3) -> 94.6 (223.8) MB
FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----
 1: 0xe4a9f2 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]`;
const uncaught = `file:///suite/features/steps.js:7
setTimeout(() => { throw new Error('nobody caught this'); }, 0);
                   ^

Error: nobody caught this
    at Timeout._onTimeout (file:///suite/features/steps.js:7:26)

Node.js v24.21.0`;
const full =
  'The messages of the run cannot be written to /tmp/x/messages.ndjson; the run ends here. Error: ENOSPC: no space left on device, write';

describe("the end of a suite's process in the middle of its run", () => {
  it.each<[string, Partial<ShardResult>, string, string, string]>([
    [
      'a full heap',
      { signal: 'SIGABRT', error: heap },
      'ran out of JavaScript memory',
      'max-old-space-size',
      'FATAL ERROR: Reached heap limit',
    ],
    ['a full disk', { exitCode: 1, error: full }, 'disk is full', 'ephemeral storage', 'ENOSPC'],
    [
      'an error that nobody caught',
      { exitCode: 1, error: uncaught },
      'An error that nobody caught',
      'without await or catch',
      'steps.js:7:26',
    ],
    ['a kill', { signal: 'SIGKILL' }, 'by SIGKILL', 'want of memory', ''],
    ['a crash', { signal: 'SIGSEGV' }, 'by SIGSEGV', 'It crashed', ''],
    ['a kill by name', { signal: 'SIGTERM' }, 'by SIGTERM', 'pkill', ''],
    [
      'a promise that nobody settles',
      { exitCode: 13, error: 'Warning: Detected unsettled top-level await' },
      'can never come',
      'a promise',
      '',
    ],
    ['process.exit', { exitCode: 0 }, 'with exit code 0', 'process.exit()', ''],
    ['process.exit after some words', { exitCode: 3, error: 'I give up' }, 'with exit code 3', 'process.exit()', 'I give up'],
  ])('by %s is told as that', (_, said, what, next, raw) => {
    const told = explainProcessEnd(shardResult(said));
    expect([told.what, told.next, told.raw]).toEqual([
      expect.stringContaining(what),
      expect.stringContaining(next),
      expect.stringContaining(raw),
    ]);
  });

  it('shows of a crash the stack of our JavaScript, not addresses in Node', () => {
    const error =
      '----- Native stack trace -----\n\n 1: 0x931db0  [node]\n\n----- JavaScript stack trace -----\n\n1: file:///suite/steps.js:10:32\n';
    expect(explainProcessEnd(shardResult({ signal: 'SIGABRT', error })).raw).toBe(
      '----- JavaScript stack trace -----\n\n1: file:///suite/steps.js:10:32',
    );
  });

  it('shows of a full heap only the line that says so', () => {
    expect(explainProcessEnd(shardResult({ signal: 'SIGABRT', error: heap })).raw).not.toContain('Mark-Compact');
  });
});
