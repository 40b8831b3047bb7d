import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A living process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it began, in the system's own words: with the pid it tells a process from a later one of the same number. */
  readonly birth: string;
  /** Told by `ps`; where there is a /proc, memory is read there. */
  readonly residentBytes?: number;
}

/** How to recognise the processes of one task. */
export interface Belonging {
  /** Sessions known to be the task's: that of its own process (its pid), and what was seen since. */
  readonly sessions: ReadonlySet<number>;
  /** Words that stand in the environment of every process of the task, and of no other. */
  readonly mark: string;
}

/** This machine at one moment. */
export interface Moment {
  /** All living processes; zombies are not. */
  readonly processes: readonly ProcessEntry[];
  /** What stands in a process's environment; read when it is first asked for. */
  environmentOf(pid: number): string;
}

const procFs = '/proc/self/stat';

/** All living processes; zombies are not. */
export function listProcesses(): readonly ProcessEntry[] {
  return existsSync(procFs) ? readProc() : readPs();
}

/** To look is what costs: several tasks can be found in the same moment. */
export function momentNow(): Moment {
  const environments = new Map<number, string>();
  const environmentOf = (pid: number) => environments.get(pid) ?? read(`/proc/${pid}/environ`) ?? '';
  return {
    processes: listProcesses(),
    environmentOf: (pid) => {
      const environment = environmentOf(pid);
      environments.set(pid, environment);
      return environment;
    },
  };
}

/**
 * The processes of a task: its session, whoever carries the mark, and all their descendants, those that left the
 * session (as a browser does that is started detached) and those whose parent is gone included.
 */
export function processesOf({ sessions, mark }: Belonging, { processes: all, environmentOf } = momentNow()): readonly ProcessEntry[] {
  // Whatever goes wrong, this process and its neighbours are not a task.
  const ours = all.find((entry) => entry.pid === process.pid)?.session;
  // Nor is what has no session: the kernel's threads, and whatever is outside of a container that we are in.
  const others = all.filter(({ session }) => session !== ours && session !== 0);
  return family(
    others,
    others.filter((entry) => sessions.has(entry.session) || environmentOf(entry.pid).includes(mark)),
  );
}

/**
 * Ends these processes for good and waits until none is left.
 *
 * @throws when one outlives SIGKILL for five seconds
 */
export async function killProcesses({ sessions, mark }: Belonging): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  const seen = new Set(sessions);
  for (;;) {
    const left = killOnce({ sessions: seen, mark });
    if (left.length === 0) return;
    for (const { session } of left) seen.add(session);
    if (Date.now() > deadlineMs) throw new Error(`SIGKILL did not end the processes ${left.map((entry) => entry.pid).join(', ')}`);
    await pause(10);
  }
}

/** One round of SIGKILL, without waiting; returns whom it went to. */
export function killOnce(belonging: Belonging): readonly ProcessEntry[] {
  const found = processesOf(belonging);
  for (const { pid } of found) kill(pid);
  return found;
}

/**
 * Whether these processes together hold more memory than `limitBytes`, as a container's limit understands it:
 * pages of files don't count (a browser's program is 200 MB, in ten processes), and shared memory counts once.
 */
export function holdMoreThan(limitBytes: number, entries: readonly ProcessEntry[]): boolean {
  // The exact sum walks all page tables, so it is made only when the quick one, which counts shared pages twice, is too high.
  return heldBytes(entries) > limitBytes && sumOf(entries, (entry) => proportionalBytes(entry) ?? unsharedBytes(entry)) > limitBytes;
}

/** The memory these processes hold, shared memory counted for each of them. */
export const heldBytes = (entries: readonly ProcessEntry[]): number => sumOf(entries, unsharedBytes);

/** When the process with this pid began, or undefined when it is gone. */
export const birthOf = (pid: number): string | undefined =>
  (existsSync(procFs) ? readStat(String(pid)) : readPs().find((entry) => entry.pid === pid))?.birth;

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}

function family(all: readonly ProcessEntry[], members: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const pids = new Set(members.map((entry) => entry.pid));
  const sessions = new Set(members.map((entry) => entry.session));
  const joined = all.filter((entry) => pids.has(entry.pid) || pids.has(entry.parent) || sessions.has(entry.session));
  return joined.length > members.length ? family(all, joined) : members;
}

const unsharedBytes = ({ pid, residentBytes }: ProcessEntry): number =>
  kilobytes(read(`/proc/${pid}/status`), /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm) ?? residentBytes ?? 0;

/** A sandboxed process of the browser does not show this even to its own user. */
const proportionalBytes = ({ pid }: ProcessEntry): number | undefined =>
  kilobytes(read(`/proc/${pid}/smaps_rollup`), /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm);

function kilobytes(text: string | undefined, lines: RegExp): number | undefined {
  const found = text?.matchAll(lines).toArray() ?? [];
  return found.length === 0 ? undefined : sumOf(found, ([, kb]) => Number(kb) * 1024);
}

const sumOf = <T>(items: readonly T[], value: (item: T) => number): number => items.reduce((sum, item) => sum + value(item), 0);

function readProc(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((entry) => entry !== undefined);
}

function readStat(pid: string): ProcessEntry | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The program's name, in brackets, may hold anything, brackets and spaces included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group, session] = fields;
  if ('ZX'.includes(state)) return undefined;
  return { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(session), birth: fields[19] ?? '' };
}

/** macOS: it tells no sessions and no environments, so a process that leaves its group is found only while its parent lives. */
function readPs(): readonly ProcessEntry[] {
  const columns = 'pid=,ppid=,pgid=,rss=,stat=,lstart=';
  const lines = execFileSync('ps', ['-A', '-o', columns], { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, group, kb, state = '', birth = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (pid === undefined || state.startsWith('Z')) return [];
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(group), birth, residentBytes: Number(kb) * 1024 },
    ];
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // it ended in the meantime, it belongs to somebody else, or this system has no /proc
  }
}
