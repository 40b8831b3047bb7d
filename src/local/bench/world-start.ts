import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/** How long the local world takes from its start until it prints its address, in milliseconds; `times` times, after one that builds it. */
export async function worldStarts(folder: string, times: number): Promise<readonly number[]> {
  const state = join(folder, 'start');
  await startOnce(state);
  const starts: number[] = [];
  for (let time = 1; time <= times; time += 1) starts.push(await startOnce(state));
  return starts;
}

async function startOnce(state: string): Promise<number> {
  const startedMs = performance.now();
  const world = spawn(process.execPath, [program, '--state', state, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(world, 'exit');
  let said = '';
  for await (const part of world.stdout.setEncoding('utf8')) {
    said += part;
    if (said.includes('The channel')) break;
  }
  const ms = performance.now() - startedMs;
  world.kill('SIGTERM');
  await ended;
  if (!said.includes('The channel')) throw new Error(`the local world did not start: ${said}`);
  return ms;
}
