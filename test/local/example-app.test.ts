import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExampleApp } from '../../src/local/example-app/example-app.ts';

const account = { username: 'robin', password: 'a + b & c' };
const program = fileURLToPath(new URL('../../src/local/example-app/example-app.ts', import.meta.url));

let app: Awaited<ReturnType<typeof startExampleApp>>;
beforeAll(async () => {
  app = await startExampleApp(account);
});
afterAll(() => app.stop());

const get = (path: string, cookie = ''): Promise<Response> => fetch(app.url + path, { redirect: 'manual', headers: { cookie } });
const post = (path: string, fields: Readonly<Record<string, string>>, cookie = ''): Promise<Response> =>
  fetch(app.url + path, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(fields) });
const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const logIn = async (): Promise<string> => cookieOf(await post('/login', { provider: 'password', ...account }));

describe('the login', () => {
  it('gives the right password a session that scripts cannot read', async () => {
    const answer = await post('/login', { provider: 'password', ...account });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/stacks']);
    expect(answer.headers.get('set-cookie')).toMatch(/^session=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800$/);
    expect((await get('/stacks', cookieOf(answer))).status).toBe(200);
  });

  it('answers an unknown username as it answers a wrong password', async () => {
    const answers = await Promise.all([
      post('/login', { provider: 'password', username: 'robin', password: 'wrong' }),
      post('/login', { provider: 'password', username: 'nobody', password: account.password }),
    ]);
    const [wrongPassword, unknown] = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map((answer) => answer.status)).toEqual([401, 401]);
    expect(wrongPassword).toContain('<p class="alert" role="alert">Wrong username or password.</p>');
    expect(unknown?.replace('value="nobody"', 'value="robin"')).toBe(wrongPassword);
  });

  it('refuses a provider that is not set up, whatever the password', async () => {
    const answer = await post('/login', { provider: 'github', ...account });
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('This provider is not set up yet.')]);
  });

  it('escapes what was typed', async () => {
    const answer = await post('/login', { provider: 'password', username: `"><script>alert('1')</script>&`, password: '' });
    expect(await answer.text()).toContain('value="&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;"');
  });

  it('is what everybody else is sent to', async () => {
    const answers = await Promise.all([get('/stacks'), get('/stacks', 'session=made-up'), get('/')]);
    expect(answers.map((answer) => [answer.status, answer.headers.get('location')])).toEqual(Array(3).fill([303, '/login']));
    expect((await get('/api/sections/stackery')).status).toBe(401);
  });

  it('ends with the logout, also for someone who kept the cookie', async () => {
    const session = await logIn();
    expect((await post('/logout', {}, session)).headers.get('set-cookie')).toMatch(/^session=;.*Max-Age=0$/);
    expect((await get('/stacks', session)).status).toBe(303);
  });
});

describe('the Stacks page', () => {
  it('asks to select a stack and has a section for each endpoint that fills one', async () => {
    const session = await logIn();
    const page = await (await get('/stacks', session)).text();
    expect(page).toContain('<h1>Stacks</h1>');
    expect(page).toContain('<h2>Select a stack</h2>');
    const keys = [...page.matchAll(/data-section="(\w+)"/g)].map((match) => match[1]);
    expect(keys).toEqual(['stackery', 'cloudformation']);
    for (const key of keys) {
      const answer = (await (await get(`/api/sections/${key}`, session)).json()) as { stacks: readonly unknown[] };
      expect(answer.stacks).not.toHaveLength(0);
    }
  });

  it('cannot refresh a stack the first time a device asks, and can the second', async () => {
    const session = await logIn();
    const refresh = async (device: string): Promise<number> =>
      (await post('/api/stacks/orders-api/refresh', {}, `${session}; ${device}`)).status;
    expect([await refresh('device=one'), await refresh('device=one')]).toEqual([503, 200]);
    expect([await refresh('device=two'), await refresh('device=one')]).toEqual([503, 200]);
    expect([await refresh('unrelated=x'), await refresh('unrelated=x')]).toEqual([503, 503]);
  });

  it('gives a browser a device once', async () => {
    const device = cookieOf(await get('/login'));
    expect(device).toMatch(/^device=[\w-]{16}$/);
    expect((await get('/login', device)).headers.get('set-cookie')).toBeNull();
  });
});

it('says that it is healthy', async () => {
  const answer = await get('/healthz');
  expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
});

describe('as a process', () => {
  const environment = { ...process.env, LOGIN_USERNAME: 'robin', LOGIN_PASSWORD: 'secret', PORT: '0' };

  it('prints its address, and ends with whoever forked it', async () => {
    const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const ended = once(child, 'exit');
    const printed = once(child.stdout ?? child, 'data');
    const [message] = (await once(child, 'message')) as [{ url: string }];
    expect(String((await printed)[0]).trim()).toBe(message.url);
    expect(await (await fetch(`${message.url}/healthz`)).text()).toBe('ok');
    child.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('says what it needs when it is given no account', async () => {
    const env = { ...environment, LOGIN_PASSWORD: '' };
    await expect(promisify(execFile)(process.execPath, [program], { env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('set LOGIN_USERNAME and LOGIN_PASSWORD'),
    });
  });
});
