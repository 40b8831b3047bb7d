import { mkdtemp, rm } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isTaken } from './state-folder.ts';

// Half of a warm start is reading TypeScript: what was compiled once is kept in the temporary folder, and loaded from there.
enableCompileCache();

const usage = `npm start                                the whole product on this machine; prints the address of the channel
npm start -- --state DIR                 keeps its state in this folder (default: .coldframe)
npm start -- --port N                    the channel's page on this port (default: 4470, or a free one)
npm start -- --say "/run-tests local"    sends the command, prints what the channel sees, and ends with the run:
                                         exit code 0 passed, 1 failed, 2 anything else`;

/** `npm run coldframe -- NAME …`: each takes the rest of the arguments, gives the exit code, and is loaded only when it is called. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  coldstarts: async (args) => (await import('./coldstarts/cold-starts-command.ts')).coldStartsCommand([...args]),
  doctor: async (args) => (await import('./doctor/doctor-command.ts')).doctorCommand(args),
  setup: async (args) => (await import('./setup/setup-command.ts')).setupCommand(args),
  deploy: async (args) => (await import('./setup/setup-command.ts')).setupCommand(['deploy', ...args]),
  replay: async (args) => (await import('./replay/replay-command.ts')).replayCommand(args),
  outcome: async (args) => (await import('./outcome/outcome-command.ts')).outcomeCommand(args),
  audit: async (args) => (await import('./remote/audit-command.ts')).auditCommand(args),
  run: async (args) => (await import('./remote/run-command.ts')).runCommand(args),
};

const usualState = '.coldframe';
const usualPort = 4470;

async function main(): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return await command(args);
  if (name !== '' && !name.startsWith('-')) {
    throw new Error(
      `There is no command ${JSON.stringify(name)}. There are ${Object.keys(commands).join(', ')}; each explains itself with --help.`,
    );
  }
  const { values } = parseArgs({
    options: { say: { type: 'string' }, state: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const port = readPort(values.port);
  return values.say === undefined ? await serve(values.state ?? usualState, port) : await say(values.say, values.state);
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not ${text}`);
  return port;
}

/** Serves the world until somebody ends it. */
async function serve(dir: string, port: number | undefined): Promise<number> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  console.log('Starting the local world …');
  const world = await startOn(dir, port);
  console.log(`
  The channel      ${world.slack.pageUrl}   type there: /run-tests local
  The app tested   ${world.appUrl}
  State and logs   ${dir}

Ctrl-C ends it; the next start finds everything again.`);
  await ended;
  console.log('\nStopping tasks and functions …');
  await world.stop();
  return 0;
}

/** On the port that was asked for, or the usual one, or, if that is taken, a free one. */
async function startOn(dir: string, port: number | undefined) {
  const { startWorld } = await import('./world.ts');
  if (port !== undefined) return await startWorld({ dir, port });
  try {
    return await startWorld({ dir, port: usualPort });
  } catch (error) {
    if (!isTaken(error)) throw error;
    return await startWorld({ dir, port: 0 });
  }
}

/** Says one command to a world of its own, kept in `stateDir` if one is named, and follows it to its end. */
async function say(text: string, stateDir: string | undefined): Promise<number> {
  const [{ startWorld }, { sayAndFollow }] = await Promise.all([import('./world.ts'), import('./say-and-follow.ts')]);
  const dir = stateDir ?? (await mkdtemp(join(tmpdir(), 'coldframe-')));
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    const world = await startWorld({ dir, port: 0 });
    try {
      return await sayAndFollow(world, text, { keepsReport: stateDir === undefined, signal: stopping.signal });
    } finally {
      await world.stop();
    }
  } finally {
    if (stateDir === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
