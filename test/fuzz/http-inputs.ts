import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { shortcuts } from '../../src/app/form-door.ts';
import { type Made, settingsBlock } from '../../src/hearing/settings-form.ts';
import { buttons } from '../../src/message/buttons.ts';
import { views } from '../../src/message/form-loading.ts';
import { blockId, type Field, which } from '../../src/run/form.ts';
import { linkTo } from '../../src/run/link.ts';
import { signatureHeaders, signatureOf } from '../../src/run/signature.ts';
import type { Chance } from '../simulation/chance.ts';
import { deepJson, oddJson, oddText, spoiled, spoiledText } from './odd.ts';
import { ciKey, publicUrl, secrets, stage } from './place.ts';

/** A request as API Gateway hands it over, and whether somebody has signed it who may. */
export interface HttpInput {
  readonly kind: 'http';
  readonly event: APIGatewayProxyEventV2;
  readonly isSigned: boolean;
  /** A token that API Gateway has verified says who asks. */
  readonly isKnown?: true;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

const form = 'application/x-www-form-urlencoded';

/** The event of API Gateway (payload version 2.0): names of headers in lower case, a body in base64 or not. */
function eventOf({ method, path, query = '', headers = {}, body, claims }: Request, chance: Chance): APIGatewayProxyEventV2 {
  const isBase64Encoded = body !== undefined && chance.happens(0.5);
  const id = /^(?:\/oidc)?\/runs\/(.*)$/.exec(path)?.[1];
  const parameters = [...new URLSearchParams(query)];
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'bot.example.com', ...oddHeaders(chance), ...headers },
    ...(parameters.length > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    ...(id !== undefined && { pathParameters: { id: chance.happens(0.5) ? id : decoded(id) } }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'fuzz',
      domainName: 'bot.example.com',
      domainPrefix: 'bot',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: oddText(chance, 100) },
      requestId: 'fuzz',
      routeKey: '$default',
      stage: '$default',
      time: '27/Nov/2026:00:00:00 +0000',
      timeEpoch: Date.now(),
      ...(claims !== undefined && { authorizer: { jwt: { claims, scopes: null } } }),
    } as APIGatewayProxyEventV2['requestContext'],
    ...(chance.happens(0.1) && { cookies: [oddText(chance, 100)] }),
    ...(body !== undefined && { body: isBase64Encoded ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded,
  };
}

function oddHeaders(chance: Chance): Readonly<Record<string, string>> {
  if (chance.happens(0.7)) return {};
  const name = chance.oneOf([
    'content-length',
    'transfer-encoding',
    'expect',
    'x-forwarded-for',
    'content-encoding',
    'accept-encoding',
    '__proto__',
    'constructor',
    'x-slack-retry-num',
    'connection',
    'host',
    'cookie',
    'range',
  ]);
  return Object.fromEntries([[name, chance.oneOf([oddText(chance, 200), '0', '-1', '99999999999', 'gzip', 'chunked', '100-continue'])]]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // API Gateway leaves alone what it cannot decode
  }
}

const nowS = () => Math.floor(Date.now() / 1_000);

/** How a request of Slack's is signed: right, or in one of the ways that are not. */
function slackSigned(body: string, chance: Chance): { readonly headers: Readonly<Record<string, string>>; readonly isSigned: boolean } {
  const sign = (timestamp: string, secret: string, signed = body) =>
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(signed).digest('hex')}`;
  const now = String(nowS());
  const headers = (timestamp: string, signature: string) => ({
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signature,
  });
  if (chance.happens(0.75)) return { headers: headers(now, sign(now, secrets.signing)), isSigned: true };
  const late = String(nowS() + chance.oneOf([-301, 301, -86_400, 86_400]) * 2);
  const wrong = chance.oneOf([
    headers(now, sign(now, 'another secret')),
    headers(late, sign(late, secrets.signing)),
    headers(now, sign(now, secrets.signing, `${body} `)),
    headers(now, sign(now, secrets.signing).slice(0, -1)),
    headers(now, sign(now, secrets.signing).toUpperCase()),
    headers(`${now}\n`, sign(`${now}\n`, secrets.signing)),
    headers(oddText(chance, 40), oddText(chance, 80)),
    headers('', sign('', secrets.signing)),
    {},
  ]);
  return { headers: wrong, isSigned: false };
}

const person = (chance: Chance) => (chance.happens(0.8) ? chance.oneOf(['U0ADA12345', 'U0GRACE234']) : oddText(chance, 40));
const channel = (chance: Chance) => (chance.happens(0.8) ? chance.oneOf(['C0STAGING1', 'C0PROD1234']) : oddText(chance, 40));
const responseUrl = `https://hooks.slack.com/commands/T0FUZZ/1/${secrets.responseUrl}`;

const starts = [
  'staging',
  'staging',
  'prod',
  'stagin',
  '',
  'help',
  '7d',
  'shop-api',
  'history',
  'history staging',
  'revoke-links staging',
  'schedule',
  'schedule staging',
  'schedule staging weekdays 06:30 Europe/Berlin',
  'schedule staging @smoke every 2h',
  'settings',
  'settings staging',
  'cancel',
  'cancel staging-20261127-0900-abc123',
  'audit',
  'audit staging',
] as const;

/** What a person may type after a command. */
export function typedText(chance: Chance): string {
  const start = chance.oneOf(starts);
  return chance.happens(0.2) ? oddText(chance) : `${start} ${chance.happens(0.6) ? oddText(chance, 300) : ''}`.trim();
}

function commandBody(chance: Chance): string {
  const fields = new URLSearchParams({
    command: chance.happens(0.9) ? chance.oneOf(['/run-tests', '/run-tests', '/coldstarts']) : oddText(chance, 40),
    text: typedText(chance),
    user_id: person(chance),
    channel_id: channel(chance),
    team_id: 'T0FUZZ',
    trigger_id: secrets.triggerId,
    response_url: responseUrl,
  });
  if (chance.happens(0.15))
    fields.append(
      chance.oneOf(['text', 'command', 'user_id', 'payload', '__proto__', 'text[]', 'text[__proto__]', 'user_id[a]']),
      oddText(chance, 200),
    );
  if (chance.happens(0.1)) fields.delete(chance.oneOf(['text', 'command', 'user_id', 'channel_id', 'trigger_id', 'response_url']));
  return fields.toString();
}

/** The ids of our shortcuts, or none. */
const callback = (chance: Chance) => (chance.happens(0.85) ? chance.oneOf([shortcuts.run, shortcuts.again]) : oddText(chance, 40));

/** A modal as Slack shows it: one of ours, filled in, or with anything in it. */
function modal(chance: Chance) {
  const name = chance.happens(0.8) ? chance.oneOf(['staging', 'prod']) : oddText(chance, 60);
  const chosen = (usual: string) => ({ selected_option: { value: chance.happens(0.7) ? usual : oddText(chance, 320) } });
  const field = (id: Field, value: object) => (chance.happens(0.7) ? { [blockId(id, name)]: { [oddText(chance, 10)]: value } } : {});
  const filled = {
    environment: { environment: { selected_option: { value: name } } },
    ...field('which', chosen(chance.oneOf([which.usual, which.own, `${which.tag}@smoke`]))),
    ...field('expression', { value: chance.happens(0.4) ? '@smoke' : oddText(chance) }),
    ...field('features', { selected_options: [{ value: 'features/a.feature' }, { value: oddText(chance, 320) }] }),
    ...field('ref', { value: chance.happens(0.5) ? 'main' : oddText(chance, 200) }),
    ...field('shards', chosen(chance.oneOf(['1', '2', 'auto', '99']))),
    ...field('retry', chosen(chance.oneOf(['0', '1', '-1']))),
  };
  if (chance.happens(0.3)) return settingsModal(chance);
  const remembered = {
    channelId: channel(chance),
    responseUrl,
    ...(chance.happens(0.5) && { text: chance.happens(0.5) ? 'staging @smoke' : oddText(chance) }),
  };
  return {
    id: 'V0FUZZ',
    type: 'modal',
    callback_id: chance.happens(0.85) ? chance.oneOf([views.runForm, views.runForm, views.confirmRun, views.note]) : oddText(chance, 40),
    private_metadata: chance.happens(0.8) ? JSON.stringify(remembered) : oddText(chance, 100),
    state: { values: chance.happens(0.85) ? filled : oddJson(chance) },
  };
}

/** The form of the settings, filled in, or with anything in it. */
function settingsModal(chance: Chance) {
  const made: Made = {
    environment: chance.happens(0.8) ? chance.oneOf(['staging', 'prod']) : oddText(chance, 60),
    place: channel(chance),
    channelId: channel(chance),
    ...(chance.happens(0.5) && { seen: chance.happens(0.5) ? 'c0ffee00c0ffee00' : oddText(chance, 120) }),
  };
  const chosen = (usual: string) => ({ selected_option: { value: chance.happens(0.7) ? usual : oddText(chance, 320) } });
  const field = (id: Parameters<typeof settingsBlock>[0], value: object) =>
    chance.happens(0.8) ? { [settingsBlock(id, made)]: { [chance.happens(0.9) ? id : oddText(chance, 10)]: value } } : {};
  const filled = {
    environment: { environment: chosen(made.environment) },
    ...field('place', chosen(made.place)),
    ...field('runs', chosen('digest')),
    ...field('digest', { value: chance.happens(0.6) ? 'weekdays 09:00 UTC' : oddText(chance, 200) }),
    ...field('quiet', { value: chance.happens(0.6) ? '20:00-07:00 Europe/Berlin' : chance.oneOf([null, oddText(chance, 200)]) }),
    ...field('asker', chosen('failures')),
  };
  return {
    id: 'V0FUZZ',
    type: 'modal',
    callback_id: views.settings,
    private_metadata: chance.happens(0.85) ? JSON.stringify(made) : chance.oneOf([deepJson(chance).slice(0, 3_000), oddText(chance, 100)]),
    state: { values: chance.happens(0.85) ? filled : oddJson(chance) },
  };
}

function payload(chance: Chance): unknown {
  const common = {
    user: { id: person(chance), username: oddText(chance, 30), team_id: 'T0FUZZ' },
    team: { id: 'T0FUZZ', domain: 'fuzz' },
    api_app_id: 'A0FUZZ',
    token: 'gIkuvaNzQIHg97ATvDxqgjtO',
    trigger_id: secrets.triggerId,
  };
  const runId = 'staging-20261127-0900-abc123';
  const value = chance.oneOf([
    `staging/${runId}`,
    `prod/${runId}`,
    'staging',
    'staging/staging-k3f9qa',
    `../${runId}`,
    typedText(chance),
    'staging @smoke',
    oddText(chance, 2_500),
  ]);
  const action = chance.happens(0.9) ? chance.oneOf(Object.values(buttons) as unknown as [string, ...string[]]) : oddText(chance, 40);
  const pressed = {
    type: 'block_actions',
    ...common,
    container: { type: 'message', message_ts: '1764000000.000100', channel_id: channel(chance), is_ephemeral: false },
    channel: { id: channel(chance), name: 'ui-tests' },
    message: { ts: '1764000000.000100', text: oddText(chance, 100) },
    response_url: responseUrl.replace('commands', 'actions'),
    actions: [{ type: 'button', action_id: action, block_id: 'b', value, action_ts: '1764000001.000100' }],
  };
  const view = modal(chance);
  return chance.oneOf([
    pressed,
    pressed,
    pressed,
    { type: 'view_submission', ...common, view },
    { type: 'view_submission', ...common, view },
    { type: 'view_closed', ...common, view },
    {
      type: 'block_actions',
      ...common,
      view,
      actions: [
        { type: 'static_select', action_id: chance.oneOf([buttons.resetSettings, 'environment', oddText(chance, 40)]), block_id: 'b' },
      ],
    },
    { type: 'block_suggestion', ...common, action_id: 'a', value: oddText(chance, 40) },
    { type: 'shortcut', ...common, callback_id: callback(chance), action_ts: '1.2' },
    {
      type: 'message_action',
      ...common,
      callback_id: callback(chance),
      message: chance.oneOf<unknown>([
        { metadata: { event_type: 'coldframe_run', event_payload: { run_id: chance.happens(0.6) ? runId : oddText(chance, 60) } } },
        { text: `${oddText(chance, 300)} ${runId}` },
        oddJson(chance),
      ]),
      channel: { id: channel(chance) },
      response_url: responseUrl,
    },
    { type: oddText(chance, 40), ...common },
  ]);
}

const eventBody = (chance: Chance) => ({
  type: chance.oneOf(['event_callback', 'url_verification', 'app_rate_limited', oddText(chance, 30)]),
  challenge: oddText(chance, 100),
  team_id: 'T0FUZZ',
  event: {
    type: chance.oneOf(['app_home_opened', 'message', 'app_mention', 'app_mention', oddText(chance, 30)]),
    user: person(chance),
    channel: channel(chance),
    text: chance.happens(0.6) ? `<@U0BOT12345> ${chance.oneOf(['', 'run ', 'please test '])}${typedText(chance)}` : oddText(chance),
    ts: chance.happens(0.8) ? '1764000000.000100' : oddText(chance, 20),
    ...(chance.happens(0.3) && { thread_ts: chance.happens(0.8) ? '1764000000.000050' : oddText(chance, 20) }),
  },
  event_id: 'Ev0FUZZ',
  event_time: 1_764_000_000,
});

/** A request to Slack's address. */
export function slackRequest(chance: Chance): HttpInput {
  const [type, body] = slackBody(chance);
  const { headers, isSigned } = slackSigned(body, chance);
  const path = chance.happens(0.95)
    ? '/slack/events'
    : chance.oneOf([
        '/',
        '/slack/events/',
        '/slack/../runs',
        '/SLACK/EVENTS',
        `/${encodeURIComponent(oddText(chance, 60).toWellFormed())}`,
        '/%',
        '/slack/events?x',
        '//slack/events',
        '/oauth',
      ]);
  const method = chance.happens(0.95) ? 'POST' : chance.oneOf(['GET', 'PUT', 'HEAD', 'OPTIONS', 'TRACE']);
  const typed = chance.happens(0.95) ? type : oddText(chance, 60);
  return { kind: 'http', event: eventOf({ method, path, headers: { 'content-type': typed, ...headers }, body }, chance), isSigned };
}

function slackBody(chance: Chance): readonly [type: string, body: string] {
  const charset = chance.happens(0.2) ? '; charset=utf-8' : '';
  const maybeSpoiled = (text: string) => (chance.happens(0.15) ? spoiledText(text, chance) : text).toWellFormed();
  switch (chance.below(6)) {
    case 0:
    case 1:
      return [`${form}${charset}`, maybeSpoiled(commandBody(chance))];
    case 2:
    case 3: {
      const given = chance.happens(0.4) ? spoiled(payload(chance), chance, 0.05) : payload(chance);
      return [form, maybeSpoiled(new URLSearchParams({ payload: maybeSpoiled(JSON.stringify(given)) }).toString())];
    }
    case 4:
      return [
        `application/json${charset}`,
        maybeSpoiled(JSON.stringify(chance.happens(0.4) ? spoiled(eventBody(chance), chance, 0.05) : eventBody(chance))),
      ];
    default:
      return [
        chance.oneOf([form, 'application/json', 'text/plain', 'multipart/form-data; boundary=x']),
        chance.oneOf([oddText(chance), deepJson(chance), '']),
      ];
  }
}

const idempotencyKey = (chance: Chance) => (chance.happens(0.8) ? `build-${chance.below(1_000)}` : oddText(chance, 300));

function ciBody(chance: Chance): string {
  const wanted = {
    environment: chance.happens(0.8) ? chance.oneOf(['staging', 'staging', 'prod', 'stagin']) : oddText(chance, 40),
    idempotencyKey: idempotencyKey(chance),
    ...(chance.happens(0.4) && { tags: chance.happens(0.5) ? '@smoke' : oddText(chance) }),
    ...(chance.happens(0.3) && { ref: chance.happens(0.5) ? 'main' : oddText(chance, 300) }),
    ...(chance.happens(0.2) && { retry: chance.oneOf([0, 1, 99, -1, 1.5, 1e300]) }),
    ...(chance.happens(0.2) && { shards: chance.oneOf([1, 2, 0, 1e9]) }),
    ...(chance.happens(0.3) && { features: [chance.oneOf(['features/a.feature', '../../etc/passwd', oddText(chance, 100)])] }),
  };
  const text = JSON.stringify(chance.happens(0.2) ? spoiled(wanted, chance) : wanted);
  return (chance.happens(0.1) ? spoiledText(text, chance) : text).toWellFormed();
}

/** A request of a CI: with a key, or with a token that API Gateway has verified. */
export function ciRequest(chance: Chance): HttpInput {
  const isAsked = chance.happens(0.6);
  const id = chance.happens(0.5) ? 'staging-20261127-0900-abc123' : encodeURIComponent(oddText(chance, 100).toWellFormed());
  const method = isAsked ? 'POST' : 'GET';
  const below = isAsked ? '/runs' : `/runs/${id}`;
  const body = isAsked ? ciBody(chance) : undefined;
  if (chance.happens(0.3)) {
    const claims = {
      sub: oddText(chance, 600),
      repository: chance.happens(0.6) ? 'example/shop' : oddText(chance, 100),
      ref: chance.happens(0.6) ? 'refs/heads/main' : oddText(chance, 100),
      ...(chance.happens(0.3) && { [oddText(chance, 20)]: oddJson(chance) }),
    };
    const isTrusted = claims.repository === 'example/shop' && claims.ref === 'refs/heads/main';
    return {
      kind: 'http',
      event: eventOf({ method, path: `/oidc${below}`, claims, ...(body !== undefined && { body }) }, chance),
      isSigned: isTrusted,
      isKnown: true,
    };
  }
  const query = chance.happens(0.1) ? `a=${encodeURIComponent(oddText(chance, 50).toWellFormed())}` : '';
  const timestamp = String(nowS());
  const signature = signatureOf({ method, path: below, query, timestamp, body: body ?? '' }, secrets.ci);
  const right = { key: ciKey, timestamp, signature };
  const isSigned = chance.happens(0.75);
  const wrong = chance.oneOf([
    { ...right, key: chance.oneOf(['other', '__proto__', 'constructor', oddText(chance, 40)]) },
    { ...right, timestamp: chance.oneOf([String(nowS() - 400), oddText(chance, 20), '']) },
    { ...right, signature: chance.oneOf([signature.slice(0, -1), signature.toUpperCase(), oddText(chance, 70), `${signature} `]) },
    { ...right, signature: signatureOf({ method, path: `${below}/`, query, timestamp, body: body ?? '' }, secrets.ci) },
  ]);
  const { key, timestamp: at, signature: by } = isSigned ? right : wrong;
  const headers = { [signatureHeaders.key]: key, [signatureHeaders.timestamp]: at, [signatureHeaders.signature]: by };
  return { kind: 'http', event: eventOf({ method, path: below, query, headers, ...(body !== undefined && { body }) }, chance), isSigned };
}

/** A link of a message of ours, or what somebody made of one. */
export function linkRequest(chance: Chance): HttpInput {
  const key = { stage, secret: secrets.links, publicUrl };
  const file = chance.oneOf([
    'report.html',
    'cucumber.html',
    'junit.xml',
    'messages.ndjson.gz',
    'shards/1/attachments/a.png',
    'shards/1/attachments/a.html',
    '../../../claims/x.json',
    'shards/../../x',
    'plan.json',
  ]);
  const address = new URL(
    linkTo({ environment: 'staging', runId: chance.oneOf(['staging-20261127-0900-abc123', 'latest']), file: 'report.html' }, key),
  );
  const signature = address.searchParams.get('s') ?? '';
  const right = linkTo({ environment: 'staging', runId: 'staging-20261127-0900-abc123', file }, key).slice(publicUrl.length);
  if (chance.happens(0.4)) {
    const [path = '', query = ''] = right.split('?');
    return { kind: 'http', event: eventOf({ method: 'GET', path, query }, chance), isSigned: true };
  }
  const traversal = chance.oneOf([
    '..',
    '%2e%2e',
    '%2e%2e%2f',
    '..%5c',
    '....//',
    '%00',
    '%c0%ae',
    '%252e',
    '.',
    '',
    '//',
    encodeURIComponent(oddText(chance, 60).toWellFormed()),
    oddText(chance, 60),
  ]);
  const path = chance.oneOf([
    `/reports/staging/${traversal}/report.html`,
    `/reports/${traversal}/staging-20261127-0900-abc123/report.html`,
    `/reports/staging/staging-20261127-0900-abc123/${traversal}`,
    `/reports/${traversal}`,
    `/reports/prod/staging-20261127-0900-abc123/report.html`,
    `${address.pathname}/${traversal}`,
  ]);
  const query = chance.oneOf([
    `s=${signature}`,
    `s=${signature}&s=${signature}`,
    '',
    `s=${signature.slice(1)}`,
    `s[]=${signature}`,
    `S=${signature}`,
    `s=${encodeURIComponent(oddText(chance, 60).toWellFormed())}`,
  ]);
  return { kind: 'http', event: eventOf({ method: 'GET', path, query }, chance), isSigned: false };
}
