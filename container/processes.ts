import { readdir, readFile } from 'node:fs/promises';

/** The environment variable that tells the processes of a run from all others; children inherit it, however deep. */
export const markVariable = 'COLDFRAME_PROCESS_MARK';

/** How often we look for processes that were being born while we killed. */
const maxRounds = 5;

/**
 * Ends everything a suite started, at once: the process group that `leaderPid` leads, then whoever left the group but
 * still carries the mark (Playwright starts each browser in a group of its own). Where there is no /proc (macOS), the
 * group only.
 */
export async function endProcesses(leaderPid: number, mark: string): Promise<void> {
  kill(-leaderPid);
  for (let round = 0; round < maxRounds; round += 1) {
    const found = await markedProcesses(mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended by itself, which is what we want
  }
}

async function markedProcesses(mark: string): Promise<readonly number[]> {
  const needle = `${markVariable}=${mark}`;
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
  const isMarked = await Promise.all(pids.map(async (pid) => (await environmentOf(pid)).split('\0').includes(needle)));
  return pids.filter((_, index) => isMarked[index]).map(Number);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // no /proc: not Linux
    return [];
  }
}

async function environmentOf(pid: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // it has just ended, or belongs to somebody else
    return '';
  }
}
