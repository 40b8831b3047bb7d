import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What this process holds, everything that nobody needs put away. */
export interface Held {
  readonly heapMb: number;
  readonly rssMb: number;
  /** Open files and sockets. */
  readonly handles: number;
}

export function held(): Held {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20, handles: readdirSync('/proc/self/fd').length };
}

/** What the open files and sockets of this process are. */
export const handleNames = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // the one that read the folder
      return [];
    }
  });

/** Processes that know this folder by their environment or command: functions, tasks, browsers. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const text = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      const isZombie = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return !isZombie && text.some((one) => one.includes(folder)) ? [`${pid} ${text[1]?.replaceAll('\0', ' ').slice(0, 200)}`] : [];
    } catch {
      // it has ended meanwhile, or is somebody else's
      return [];
    }
  });
}
