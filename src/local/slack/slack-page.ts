import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import * as v from 'valibot';
import type { Incoming, Outgoing } from '../wire/http-server.ts';
import type { Interaction } from './slack-caller.ts';
import type { SlackClient } from './slack-client.ts';
import { type OfferedCommand, pageOf } from './slack-page-state.ts';
import type { SlackState } from './slack-state.ts';
import type { Views } from './slack-views.ts';

export interface SlackPage {
  readonly state: SlackState;
  readonly views: Views;
  readonly client: SlackClient;
  readonly commands: readonly OfferedCommand[];
}

const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html' },
  '/page/page.css': { file: 'page.css', type: 'text/css' },
  '/page/page.js': { file: 'page.js', type: 'text/javascript' },
  '/page/build.js': { file: 'build.js', type: 'text/javascript' },
  '/page/dialogs.js': { file: 'dialogs.js', type: 'text/javascript' },
  '/page/icon.svg': { file: 'icon.svg', type: 'image/svg+xml' },
};

const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const userId = v.string();
const choice = v.union([v.string(), v.array(v.string())]);
const act = { userId, actionId: v.string(), blockId: v.exactOptional(v.string()), value: v.exactOptional(choice) };

const deeds = {
  command: v.object({ userId, channelId: v.string(), text: v.string() }),
  say: v.object({ userId, channelId: v.string(), text: v.string(), threadTs: v.exactOptional(v.string()) }),
  press: v.union([v.object({ ...act, channelId: v.string(), messageTs: v.string() }), v.object({ ...act, viewId: v.string() })]),
  submit: v.object({ userId, viewId: v.string(), choices: v.record(v.string(), choice) }),
  close: v.object({ userId, viewId: v.string() }),
};

/** Answers the requests of the page that shows the channels: files, the state and its changes, and what a person does. */
export function slackPage(page: SlackPage): (request: Incoming) => Promise<Outgoing> {
  const { state, client } = page;

  function personOf(request: Incoming) {
    const asked = request.url.searchParams.get('as');
    return state.workspace.people.find(({ id }) => id === asked) ?? state.workspace.people[0];
  }

  function events(request: Incoming): Outgoing {
    const person = personOf(request);
    if (person === undefined) return json(404, { error: 'the workspace has no people' });
    const shown = pageOf(person, page);
    const stream = new PassThrough();
    const send = (event: string, value: unknown) => stream.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
    const endings = [
      state.onChange(({ kind, message }) => {
        const visible = shown.message(message);
        if (visible !== undefined) send(kind === 'deleted' ? 'deleted' : 'message', visible);
      }),
      page.views.onChange((id) => {
        if (id === person.id) send('modal', shown.modal() ?? null);
      }),
    ];
    stream.once('close', () => {
      for (const end of endings) end();
    });
    // The state goes first on the same stream, so that no change can fall between the two.
    send('state', shown.state());
    return { status: 200, headers: { ...pageHeaders, 'content-type': 'text/event-stream; charset=utf-8' }, body: stream };
  }

  async function act(deed: string, body: unknown): Promise<Outgoing> {
    switch (deed) {
      case 'command':
        return told(await client.command(v.parse(deeds.command, body)));
      case 'press':
        return told(await client.press(v.parse(deeds.press, body)));
      case 'submit': {
        const submitted = await client.submitView(v.parse(deeds.submit, body));
        return submitted.errors === undefined ? told(submitted) : json(200, { kind: 'errors', errors: submitted.errors });
      }
      case 'close':
        await client.closeView(v.parse(deeds.close, body));
        return json(200, { kind: 'taken' });
      case 'say':
        client.say(v.parse(deeds.say, body));
        return json(200, { kind: 'taken' });
      default:
        return json(404, { error: `nobody can ${deed}` });
    }
  }

  return async (request) => {
    const { url, method } = request;
    const refusal = foreign(request);
    if (refusal !== undefined) return json(403, { error: refusal });
    if (method === 'POST') return tried(() => act(url.pathname.replace('/page/', ''), JSON.parse(request.body.toString())));
    if (url.pathname === '/page/events') return events(request);
    const permalink = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
    if (permalink !== null) return { status: 302, headers: { location: `/#${permalink[1]}/${permalink[2]}.${permalink[3]}` } };
    const found = Object.hasOwn(files, url.pathname) ? files[url.pathname] : undefined;
    if (found === undefined) return json(404, { error: `there is nothing at ${url.pathname}` });
    const content = await readFile(new URL(`page/${found.file}`, import.meta.url));
    return { status: 200, headers: { ...pageHeaders, 'content-type': `${found.type}; charset=utf-8` }, body: content };
  };
}

/** Only this page may act for people: not another site in the same browser, not a name that leads here. */
function foreign({ headers, method }: Incoming): string | undefined {
  const host = headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return `the page is not served to ${host}`;
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return `${headers.origin} may not act here`;
  if (method === 'POST' && !(headers['content-type'] ?? '').startsWith('application/json')) return 'only JSON is taken';
  return undefined;
}

async function tried(deed: () => Promise<Outgoing>): Promise<Outgoing> {
  try {
    return await deed();
  } catch (error) {
    const isWrongInput = error instanceof RangeError || error instanceof SyntaxError || error instanceof v.ValiError;
    if (!isWrongInput) throw error;
    return json(400, { error: error.message });
  }
}

function told(interaction: Interaction): Outgoing {
  return json(
    200,
    interaction.kind === 'taken' ? { kind: 'taken' } : { kind: 'failed', error: interaction.error, because: interaction.because },
  );
}

const json = (status: number, body: unknown): Outgoing => ({
  status,
  headers: { ...pageHeaders, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
