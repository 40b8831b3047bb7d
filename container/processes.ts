import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The environment variable that tells the processes of a run from all others; children inherit it, however deep. */
export const markVariable = 'COLDFRAME_PROCESS_MARK';

/** Nobody outlives SIGKILL for long, unless the kernel itself is stuck with it. */
const limitMs = 2_000;

/** Until we look again for processes that are still dying, or were being born while we killed. */
const lookAgainMs = 5;

/**
 * Ends everything a suite started, at once, and waits until it is gone: the session that `leaderPid` leads, whoever left it
 * but still carries the mark (Playwright starts each browser in a session of its own), the sessions of those (a browser's
 * helpers write over their environment), and whatever these have started without the mark, as long as they are there to be
 * asked. Where there is no /proc (macOS), the leader's group only, without waiting.
 */
export async function endProcesses(leaderPid: number, mark: string): Promise<void> {
  const untilMs = Date.now() + limitMs;
  const ours = (await readProcess('self'))?.session;
  const sessions = new Set([leaderPid]);
  // A parent that is gone cannot be asked for its children any more.
  let found = await processesOf(sessions, mark);
  kill(-leaderPid);
  for (;;) {
    if (found.length === 0 || Date.now() > untilMs) return;
    for (const { pid, session } of found) {
      if (session !== ours) sessions.add(session);
      kill(pid);
    }
    await pause(lookAgainMs);
    found = await processesOf(sessions, mark);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended by itself, which is what we want
  }
}

/** A living process; what has ended and was not yet buried is none. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

async function processesOf(sessions: ReadonlySet<number>, mark: string): Promise<readonly Process[]> {
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(pids.map(readProcess))).filter((process) => process !== undefined);
  const isOurs = await Promise.all(all.map(async ({ pid, session }) => sessions.has(session) || (await isMarked(pid, mark))));
  return withDescendants(
    all.filter((_, index) => isOurs[index]),
    all,
  );
}

function withDescendants(some: readonly Process[], all: readonly Process[]): readonly Process[] {
  const pids = new Set(some.map(({ pid }) => pid));
  const children = all.filter(({ pid, parent }) => pids.has(parent) && !pids.has(pid));
  return children.length === 0 ? some : withDescendants([...some, ...children], all);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // no /proc: not Linux
    return [];
  }
}

async function readProcess(pid: string): Promise<Process | undefined> {
  const stat = await read(`/proc/${pid}/stat`);
  // The program's name, in brackets, may hold anything, brackets and spaces included.
  const [state = 'X', parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 'ZX'.includes(state) ? undefined : { pid: Number.parseInt(stat, 10), parent: Number(parent), session: Number(session) };
}

const isMarked = async (pid: number, mark: string): Promise<boolean> =>
  (await read(`/proc/${pid}/environ`)).split('\0').includes(`${markVariable}=${mark}`);

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch {
    // it has just ended, or belongs to somebody else
    return '';
  }
}
