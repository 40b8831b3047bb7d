import { expect, it } from 'vitest';
import { logReceived, maskedEvent } from '../../src/app/received.ts';

const trigger = '13345224609.738474920.8088930838d88f008e0';
const responseUrl = 'https://hooks.slack.com/commands/T0TEAM/123/tttttttttttttttt';

const request = (body: string, more: object = {}) => ({
  version: '2.0',
  rawPath: '/slack/events',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-signature': 'v0=abcdef', 'x-slack-request-timestamp': '1' },
  requestContext: { http: { method: 'POST' } },
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
  ...more,
});

it('of a command stays what was typed, and by whom; not what could be used again', () => {
  const form = new URLSearchParams({
    command: '/run-tests',
    text: 'local @a b',
    token: 'tok',
    response_url: responseUrl,
    trigger_id: trigger,
  });
  const shown = maskedEvent(request(form.toString())) as ReturnType<typeof request>;
  expect(Object.fromEntries(new URLSearchParams(shown.body))).toEqual({
    command: '/run-tests',
    text: 'local @a b',
    token: '•••',
    response_url: '•••',
    trigger_id: '•••',
  });
  expect(shown).toMatchObject({ isBase64Encoded: false, headers: { 'x-slack-signature': '•••', 'x-slack-request-timestamp': '1' } });
});

it('of a button stays its value', () => {
  const payload = { type: 'block_actions', token: 'tok', trigger_id: trigger, response_url: responseUrl, actions: [{ value: 'local @a' }] };
  const shown = maskedEvent(request(new URLSearchParams({ payload: JSON.stringify(payload) }).toString())) as ReturnType<typeof request>;
  expect(JSON.parse(new URLSearchParams(shown.body).get('payload') ?? '')).toEqual({
    ...payload,
    token: '•••',
    trigger_id: '•••',
    response_url: '•••',
  });
});

it('of a link to a report stays where it leads', () => {
  const link = { rawQueryString: 's=abc_-9', queryStringParameters: { s: 'abc_-9' }, body: undefined };
  expect(maskedEvent(request('', link))).toMatchObject({ rawPath: '/slack/events', queryStringParameters: { s: '•••' } });
  expect(JSON.stringify(maskedEvent(request('', link)))).not.toContain('abc_-9');
});

it('of a request from the queue nothing is left that could be used again, in the text of its body either', () => {
  const detail = { key: `command:${trigger}`, responseUrl, text: 'local' };
  const lines: unknown[] = [];
  logReceived(
    { function: 'worker', stage: 'prod' },
    { Records: [{ messageId: 'm', body: JSON.stringify({ source: 'coldframe.door', detail }) }] },
    (_, event, about) => lines.push({ event, ...about }),
  );
  expect(lines).toMatchObject([
    { event: 'event received', function: 'worker', stage: 'prod', received: { Records: [{ messageId: 'm' }] } },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/8088930838d88f008e0|tttttt/);
  expect(JSON.stringify(lines)).toContain('local');
});
