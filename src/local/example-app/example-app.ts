import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Incoming, type Outgoing, serve } from '../wire/http-server.ts';
import { loginPage, stacksPage } from './pages.ts';
import { findStack, sections } from './stacks.ts';

interface Account {
  readonly username: string;
  readonly password: string;
}

/** As slow as a page with an API behind it, so that a suite that does not wait fails here too. */
const loginDelayMs = 120;
const apiDelayMs = 250;

const sessionLifeMs = 8 * 60 * 60_000;
const devicesKept = 1_000;

/**
 * A small web app to test against: a login with a real session, a Stacks page whose sections fill after a delay, and a
 * refresh that is unavailable the first time a device asks for it. It knows one account.
 *
 * @param distanceMs what every page and every call of the API takes longer, as from far away
 */
export async function startExampleApp({
  port = 0,
  distanceMs = 0,
  ...account
}: Account & { readonly port?: number; readonly distanceMs?: number }): Promise<{
  readonly url: string;
  stop(): Promise<void>;
}> {
  const app = exampleApp(account, distanceMs);
  const server = await serve(app, port);
  return { url: server.url, stop: server.stop };
}

const exampleApp = (account: Account, distanceMs: number): ((request: Incoming) => Promise<Outgoing>) => {
  const sessions = new Map<string, { readonly username: string; readonly endsAtMs: number }>();
  const warmDevices = new Set<string>();

  const login = async (request: Incoming): Promise<Outgoing> => {
    await pause(loginDelayMs);
    const form = new URLSearchParams(request.body.toString('utf8'));
    const username = form.get('username') ?? '';
    const refuse = (because: string): Outgoing => page(loginPage({ username, because }), 401);
    if (form.get('provider') !== 'password') return refuse('This provider is not set up yet. Log in with username and password.');
    const isRight = [isSame(username, account.username), isSame(form.get('password') ?? '', account.password)];
    // One answer for both, so that nobody can find out which usernames exist.
    if (isRight.includes(false)) return refuse('Wrong username or password.');
    for (const [token, session] of sessions) if (session.endsAtMs < Date.now()) sessions.delete(token);
    const token = randomBytes(24).toString('base64url');
    sessions.set(token, { username, endsAtMs: Date.now() + sessionLifeMs });
    return redirect('/stacks', cookie('session', token, sessionLifeMs));
  };

  const logout = (request: Incoming): Outgoing => {
    sessions.delete(readCookie(request, 'session') ?? '');
    return redirect('/login', cookie('session', '', 0));
  };

  /**
   * The worker that refreshes stacks is started for a device when it first asks, and until it is there the answer is 503,
   * as from any service that scales to zero. A device is known by its cookie; without one it is always new.
   */
  const refresh = (request: Incoming, name: string): Outgoing => {
    const stack = findStack(name);
    if (stack === undefined) return json(404, { error: `there is no stack ${name}` });
    const device = readCookie(request, 'device');
    if (device !== undefined && warmDevices.has(device)) return json(200, { resources: stack.resources });
    if (device !== undefined) warmDevices.add(device);
    for (const oldest of warmDevices) if (warmDevices.size > devicesKept) warmDevices.delete(oldest);
    return { ...json(503, { error: 'the refresh worker is starting, try again' }), headers: { ...jsonHeaders, 'retry-after': '1' } };
  };

  const api = async (request: Incoming, path: string): Promise<Outgoing> => {
    await pause(apiDelayMs);
    const section = sections.find((one) => path === `/api/sections/${one.key}`);
    if (section !== undefined) return json(200, { stacks: section.stacks });
    const name = /^\/api\/stacks\/([a-z0-9-]+)\/refresh$/.exec(path)?.[1];
    if (name !== undefined && request.method === 'POST') return refresh(request, name);
    return json(404, { error: `there is no ${request.method} ${path}` });
  };

  return async (request) => {
    const path = request.url.pathname;
    if (!/\.(css|js)$/.test(path)) await pause(distanceMs);
    const session = sessions.get(readCookie(request, 'session') ?? '');
    const isLoggedIn = session !== undefined && session.endsAtMs > Date.now();
    switch (`${request.method} ${path}`) {
      case 'GET /healthz':
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
      case 'GET /style.css':
        return file('style.css', 'text/css');
      case 'GET /stacks.js':
        return file('stacks.js', 'text/javascript');
      case 'GET /':
        return redirect(isLoggedIn ? '/stacks' : '/login');
      case 'GET /login':
        return isLoggedIn ? redirect('/stacks') : page(loginPage(), 200, newDevice(request));
      case 'POST /login':
        return login(request);
      case 'POST /logout':
        return logout(request);
      case 'GET /stacks':
        return isLoggedIn ? page(stacksPage(session.username, sections)) : redirect('/login');
    }
    if (!path.startsWith('/api/')) return { status: 404, headers: { 'content-type': 'text/plain' }, body: `There is no ${path} here.` };
    return isLoggedIn ? api(request, path) : json(401, { error: 'log in first' });
  };
};

const jsonHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const json = (status: number, body: object): Outgoing => ({ status, headers: jsonHeaders, body: JSON.stringify(body) });

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; img-src data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
};
const page = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Outgoing => ({
  status,
  headers: { ...pageHeaders, ...headers },
  body,
});

const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Outgoing => ({
  status: 303,
  headers: { location, ...headers },
});

const file = async (name: string, type: string): Promise<Outgoing> => ({
  status: 200,
  headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' },
  body: await readFile(new URL(name, import.meta.url)),
});

const cookie = (name: string, value: string, lifeMs: number): Readonly<Record<string, string>> => ({
  'set-cookie': `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${lifeMs / 1000}`,
});

const deviceLifeMs = 365 * 24 * 60 * 60_000;
const newDevice = (request: Incoming): Readonly<Record<string, string>> =>
  readCookie(request, 'device') === undefined ? cookie('device', randomBytes(12).toString('base64url'), deviceLifeMs) : {};

function readCookie(request: Incoming, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split('; ');
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Compares hashes: equally long for any input, in constant time. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(sha256(left), sha256(right));
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** `LOGIN_USERNAME=… LOGIN_PASSWORD=… node src/local/example-app.ts`: prints the address, and serves until it is ended. */
if (import.meta.main) {
  const { LOGIN_USERNAME: username, LOGIN_PASSWORD: password, PORT: port } = process.env;
  if (!username || !password) {
    console.error('The example app needs its account: set LOGIN_USERNAME and LOGIN_PASSWORD (and PORT for a fixed port).');
    process.exit(2);
  }
  const app = await startExampleApp({ port: Number(port ?? 0), username, password });
  console.log(app.url);
  // Whoever forked us reads the address from a message, and we end with them, however they end.
  process.send?.({ url: app.url });
  process.on('disconnect', () => process.exit(0));
}
