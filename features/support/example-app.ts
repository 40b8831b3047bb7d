import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AppUnderTest } from './settings.ts';

/** An app that ends with `stop`, or with us. */
export interface StartedApp extends AppUnderTest {
  stop(): Promise<void>;
}

const startLimitMs = 20_000;

/**
 * Starts the example app that comes with Coldframe, for whoever just runs `cucumber-js` and has no app to name.
 * It is a process of its own: the suite knows an app by its address only.
 */
export async function startExampleApp(): Promise<StartedApp> {
  const account = { username: 'robin', password: randomBytes(12).toString('base64url') };
  const child = fork(fileURLToPath(new URL('../../src/local/example-app/example-app.ts', import.meta.url)), {
    env: { ...process.env, LOGIN_USERNAME: account.username, LOGIN_PASSWORD: account.password, PORT: '0' },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(startLimitMs) }),
      ended.then(([code]) => Promise.reject(new Error(`it ended with exit code ${code}`))),
    ]);
    return { url: readUrl(message), account, stop };
  } catch (cause) {
    await stop();
    throw new Error(`the example app did not start: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readUrl(message: unknown): string {
  if (typeof message === 'object' && message !== null && 'url' in message && typeof message.url === 'string') return message.url;
  throw new Error(`it did not say its address, but ${JSON.stringify(message)}`);
}
