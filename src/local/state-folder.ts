import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Takes the folder for this process: two worlds on one state would undo each other's work. Gives what lets go of it.
 *
 * @throws when a living process has it
 */
export async function lockFolder(dir: string): Promise<() => void> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'world.lock');
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new Error(`another local world (process ${holder}) uses ${dir}: end it, or name another folder with --state`);
  }
  writeFileSync(file, String(process.pid));
  return () => {
    // A world that took the folder over from us keeps it.
    if (readFileSync(file, 'utf8') === String(process.pid)) rmSync(file);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Starts a server on the port it had last time, so that the links in old messages still lead to it; if that is taken, on a free one. */
export async function onKeptPort<T extends { readonly url: string }>(
  dir: string,
  name: string,
  start: (port: number) => Promise<T>,
): Promise<T> {
  const file = join(dir, `${name}.port`);
  const port = Number(await readFile(file, 'utf8').catch(() => '0'));
  const server = await start(port).catch((error: unknown) => {
    if (port !== 0 && isTaken(error)) return start(0);
    throw error;
  });
  await writeFile(file, new URL(server.url).port);
  return server;
}

/** Whether somebody else has the port. */
export const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
