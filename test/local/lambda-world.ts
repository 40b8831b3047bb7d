import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Lambda, type LambdaOptions, startLambda } from '../../src/local/lambda/lambda.ts';
import type { StackFunction } from '../../src/local/stack/stack.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';

export const fixtures = fileURLToPath(new URL('../fixtures/lambda', import.meta.url));

export const lambdaFunction = (handler: string, more: Partial<StackFunction> = {}): StackFunction => ({
  name: 'subject',
  functionName: 'coldframe-local-subject',
  handler,
  memoryMb: 256,
  timeoutS: 20,
  environment: {},
  role: 'SubjectRole',
  routes: [],
  queues: [],
  asyncRetries: 0,
  asyncMaxAgeS: 21_600,
  ...more,
});

export interface LambdaWorld {
  readonly lambda: Lambda;
  /** Log events by stream, in the order they were written. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly journal: readonly JournalEntry[];
}

/** A Lambda host with one function, ended with the test. */
export function lambdaWorld(
  handler: string,
  { more, ...options }: Partial<LambdaOptions> & { readonly more?: Partial<StackFunction> } = {},
): LambdaWorld {
  const logs = new Map<string, string[]>();
  const journal: JournalEntry[] = [];
  const lambda = startLambda({
    functions: [lambdaFunction(handler, more)],
    root: fixtures,
    appendLog: (group, stream, lines) => {
      if (group !== '/aws/lambda/coldframe-local-subject') throw new Error(`an unknown log group: ${group}`);
      logs.set(stream, [...(logs.get(stream) ?? []), ...lines]);
    },
    journal: (entry) => journal.push(entry),
    asyncRetryDelaysMs: [1],
    ...options,
  });
  onTestFinished(() => lambda.stop());
  return { lambda, logs, journal };
}

/** All log events of all streams. */
export const allLines = ({ logs }: LambdaWorld): readonly string[] => [...logs.values()].flat();

/** Whether a process is there; a zombie that only waits to be reaped is not. */
export function isLiving(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits for something that comes about without telling. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
