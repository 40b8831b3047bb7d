import { readdirSync, readFileSync } from 'node:fs';

/** What a container's main process has used so far, its children left out. */
export interface RunnerUse {
  /** The most memory it had at once. */
  readonly peakMb: number;
  /** Of one processor. */
  readonly cpuMs: number;
  /** When the process began, by the kernel: milliseconds since 1970, to some ten of them. */
  readonly startedAtMs: number;
}

const lookEveryMs = 200;

/** Linux counts processor time in hundredths of a second, whatever its clock. */
const tickMs = 10;

/** Follows the main process of the container that was told this run, until it is stopped; Linux only. */
export function watchRunner(runId: string): { stop(): RunnerUse } {
  let pid: string | undefined;
  let use: RunnerUse = { peakMb: 0, cpuMs: 0, startedAtMs: Number.NaN };
  const timer = setInterval(() => {
    // Found once: looking at all processes again and again would be felt by the run that is measured.
    pid ??= readdirSync('/proc').find((name) => /^\d+$/.test(name) && isRunner(name, runId));
    if (pid !== undefined) use = useOf(pid) ?? use;
  }, lookEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      return use;
    },
  };
}

const isRunner = (pid: string, runId: string): boolean =>
  read(pid, 'cmdline').includes('container/main.mjs') && read(pid, 'environ').includes(`COLDFRAME_RUN=${runId}\0`);

function useOf(pid: string): RunnerUse | undefined {
  const peakKb = /VmHWM:\s*(\d+) kB/.exec(read(pid, 'status'))?.[1];
  const stat = read(pid, 'stat');
  // The program's name, in brackets, may hold anything; user and system time are the 14th and 15th field of all, its start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, start] = [fields[11], fields[12], fields[19]];
  const [upS] = readFileSync('/proc/uptime', 'latin1').split(' ');
  if (peakKb === undefined || user === undefined || system === undefined || start === undefined) return undefined;
  return {
    peakMb: Math.round(Number(peakKb) / 1_024),
    cpuMs: (Number(user) + Number(system)) * tickMs,
    startedAtMs: Math.round(Date.now() - (Number(upS) * 1_000 - Number(start) * tickMs)),
  };
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // it has just ended, or is not ours
    return '';
  }
}
