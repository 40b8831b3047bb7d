import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SuiteOrder } from './cucumber-child.ts';
import { endProcesses, markVariable } from './processes.ts';
import { type Limits, limitsVariable } from './scenario-limits.ts';

/** How cucumber's process ended. */
export interface ProcessEnd {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Milliseconds since 1970. */
  readonly endedAtMs?: number;
}

/** A suite's process: it has begun to load cucumber, and waits. */
export interface CucumberProcess {
  /** Lets it run the suite. */
  begin(): void;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the process has ended; its children may still be there, and its output not yet read. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the process and all it started, at once. Harmless when they have ended. */
  end(): Promise<void>;
  /** Settles when all output was delivered and nobody can write any more; call after `end`. */
  readonly closed: Promise<void>;
}

/** Beside this file, in the form this file is in: `.ts` from source, `.mjs` in the image. */
const childProgram = fileURLToPath(new URL(`./cucumber-child${extname(import.meta.url)}`, import.meta.url));

/** Whoever still holds the output after all that was marked has been killed is not waited for any longer. */
const closeLimitMs = 2_000;

/** Starts the suite's own cucumber-js, which waits for `begin`, in a process group of its own, with exactly this environment and folder. */
export async function startCucumber(start: {
  suite: string;
  folder: string;
  order: SuiteOrder;
  environment: Readonly<Record<string, string>>;
  mark: string;
  limits: Limits;
}): Promise<CucumberProcess> {
  const orderFile = join(start.folder, 'order.json');
  await writeFile(orderFile, JSON.stringify(start.order));
  const child = spawn(process.execPath, [childProgram, orderFile], {
    cwd: start.suite,
    env: { ...start.environment, [markVariable]: start.mark, [limitsVariable]: JSON.stringify(start.limits) },
    // A group of its own: its leader's pid names it, and a signal to our group does not reach it.
    detached: true,
    // The fourth is a line of life: see `beginWithParent` in the child.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const {
    stdout,
    stderr,
    pid,
    stdio: [, , , lifeline],
  } = child;
  if (stdout === null || stderr === null || !(lifeline instanceof Writable)) throw new Error('a child with pipes has none');
  // Whether it is still there to hear it, its end tells.
  lifeline.on('error', () => {});
  const begin = () => void lifeline.write('\n');
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${process.execPath} could not be started in ${start.suite}: ${cause.message}`, { cause })),
    );
    child.once('exit', (exitCode, signal) =>
      resolve({ ...(exitCode !== null && { exitCode }), ...(signal !== null && { signal }), endedAtMs: Date.now() }),
    );
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('exit', () => {
      const timer = setTimeout(() => {
        stdout.destroy();
        stderr.destroy();
        resolve();
      }, closeLimitMs);
      child.once('close', () => clearTimeout(timer));
    });
  });
  let isAllGone = pid === undefined;
  const end = async () => {
    // Once the leader and its followers are gone, their numbers may be somebody else's.
    if (isAllGone || pid === undefined) return;
    const hadEnded = child.exitCode !== null || child.signalCode !== null;
    await endProcesses(pid, start.mark);
    isAllGone = hadEnded;
  };
  return { begin, stdout, stderr, ended, closed, end };
}
