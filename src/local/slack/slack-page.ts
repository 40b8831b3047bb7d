import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import * as v from 'valibot';
import { masking } from '../../app/mask.ts';
import type { Incoming, Outgoing } from '../wire/http-server.ts';
import { eventStream, foreign, json, pageHeaders } from '../wire/page-answer.ts';
import type { Interaction } from './slack-caller.ts';
import type { SlackClient } from './slack-client.ts';
import type { SlackFiles } from './slack-files.ts';
import { wireMessage } from './slack-message.ts';
import { type PageStateOptions, pageOf } from './slack-page-state.ts';

export interface SlackPage extends PageStateOptions {
  readonly client: SlackClient;
  readonly files: SlackFiles;
  readonly workbench: ((request: Incoming) => Promise<Outgoing> | Outgoing) | undefined;
}

const types: Readonly<Record<string, string>> = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
const folder = new URL('page/', import.meta.url);
/** The page's own files, by their path below `/page/`. */
const files = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => extname(file) in types));

const userId = v.string();
const channelId = v.string();
const choice = v.union([v.string(), v.array(v.string())]);
const act = { userId, actionId: v.string(), blockId: v.exactOptional(v.string()), value: v.exactOptional(choice) };

const deeds = {
  command: v.object({ userId, channelId, text: v.string() }),
  say: v.object({ userId, channelId, text: v.string(), threadTs: v.exactOptional(v.string()) }),
  press: v.union([
    v.object({ ...act, channelId, messageTs: v.string() }),
    v.object({ ...act, viewId: v.string(), choices: v.exactOptional(v.record(v.string(), choice)) }),
  ]),
  submit: v.object({ userId, viewId: v.string(), choices: v.record(v.string(), choice) }),
  close: v.object({ userId, viewId: v.string() }),
  dismiss: v.object({ userId, channelId, ts: v.string() }),
  home: v.object({ userId }),
  shortcut: v.object({ userId, callbackId: v.string(), channelId: v.exactOptional(channelId), messageTs: v.exactOptional(v.string()) }),
};

/** Answers the requests of the page that shows the channels: files, the state and its changes, and what a person does. */
export function slackPage(page: SlackPage): (request: Incoming) => Promise<Outgoing> | Outgoing {
  const { state, client, files: uploads, refusals, views, workbench } = page;
  const { people } = state.workspace;
  const masked = masking([]);

  function personOf({ url }: Incoming) {
    const asked = url.searchParams.get('as');
    return people.find(({ id }) => id === asked) ?? people[0];
  }

  function events(request: Incoming): Outgoing {
    const person = personOf(request);
    if (person === undefined) return json(404, { error: 'the workspace has no people' });
    const shown = pageOf(person, page);
    return eventStream((send) => {
      send('state', { ...shown.state(), hasWorkbench: workbench !== undefined });
      const endings = [
        state.onChange(({ kind, message }) => {
          const visible = shown.message(message);
          if (visible !== undefined) send(kind === 'deleted' ? 'deleted' : 'message', visible);
        }),
        views.onChange((id) => {
          if (id !== person.id) return;
          send('modal', shown.modal() ?? null);
          send('home', shown.home() ?? null);
        }),
        refusals.onRefusal((refusal) => {
          if (shown.isConcerned(refusal)) send('refusal', refusal);
        }),
      ];
      return () => {
        for (const end of endings) end();
      };
    });
  }

  /** A message as the Web API has it, with its signed links cut short. */
  function messageJson(request: Incoming): Outgoing {
    const person = personOf(request);
    const { searchParams } = request.url;
    const message = state.find(searchParams.get('channel') ?? '', searchParams.get('ts') ?? '');
    const isVisible = person !== undefined && message !== undefined && pageOf(person, page).message(message) !== undefined;
    if (!isVisible) return json(404, { error: 'this person sees no such message' });
    return json(200, masked.value(wireMessage(message, state.workspace, { withMetadata: true })));
  }

  async function perform(deed: string, body: unknown): Promise<Outgoing> {
    switch (deed) {
      case 'command':
        return told(await client.command(v.parse(deeds.command, body)));
      case 'press':
        return told(await client.press(v.parse(deeds.press, body)));
      case 'submit': {
        const submitted = await client.submitView(v.parse(deeds.submit, body));
        if (submitted.errors !== undefined) return json(200, { kind: 'errors', errors: submitted.errors });
        return submitted.kind === 'incomplete' ? taken : told(submitted);
      }
      case 'close':
        await client.closeView(v.parse(deeds.close, body));
        return taken;
      case 'say':
        client.say(v.parse(deeds.say, body));
        return taken;
      case 'dismiss':
        client.dismiss(v.parse(deeds.dismiss, body));
        return taken;
      case 'shortcut':
        return told(await client.shortcut(v.parse(deeds.shortcut, body)));
      case 'home': {
        const opened = await client.openHome(v.parse(deeds.home, body).userId);
        return opened === undefined ? taken : told(opened);
      }
      default:
        return json(404, { error: `nobody can ${deed}` });
    }
  }

  function get(request: Incoming): Outgoing {
    const { pathname } = request.url;
    if (pathname === '/page/events') return events(request);
    if (pathname === '/page/message') return messageJson(request);
    const permalink = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(pathname);
    if (permalink !== null) return { status: 302, headers: { location: `/#${permalink[1]}/${permalink[2]}.${permalink[3]}` } };
    const uploaded = uploads.read(pathname);
    if (uploaded !== undefined) return picture(uploaded);
    if (pathname === '/') return file('index.html', 'text/html');
    const named = pathname.replace('/page/', '');
    if (pathname.startsWith('/page/') && files.has(named)) return file(named, types[extname(named)] ?? '');
    return json(404, { error: `there is nothing at ${pathname}` });
  }

  return async (request) => {
    const refusal = foreign(request);
    if (refusal !== undefined) return json(403, { error: refusal });
    const { pathname } = request.url;
    return tried(() => {
      if (workbench !== undefined && pathname.startsWith('/workbench/')) return workbench(request);
      return request.method === 'POST' ? perform(pathname.replace('/page/', ''), JSON.parse(request.body.toString())) : get(request);
    });
  };
}

const pictureTypes = { png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', other: 'application/octet-stream' };

const picture = ({ file: { type }, content }: NonNullable<ReturnType<SlackFiles['read']>>): Outgoing => ({
  status: 200,
  headers: { ...pageHeaders, 'content-type': pictureTypes[type] },
  body: content,
});

const taken = json(200, { kind: 'taken' });

function file(name: string, type: string): Outgoing {
  const content = readFileSync(new URL(name, folder));
  return { status: 200, headers: { ...pageHeaders, 'content-type': `${type}; charset=utf-8` }, body: content };
}

async function tried(answer: () => Promise<Outgoing> | Outgoing): Promise<Outgoing> {
  try {
    return await answer();
  } catch (error) {
    const isWrongInput = error instanceof RangeError || error instanceof SyntaxError || error instanceof v.ValiError;
    if (!isWrongInput) throw error;
    return json(400, { error: error.message });
  }
}

const told = (interaction: Interaction): Outgoing =>
  interaction.kind === 'taken' ? taken : json(200, { kind: 'failed', error: interaction.error, because: interaction.because });
