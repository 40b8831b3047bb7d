import { expect, it } from 'vitest';
import { masking } from '../../src/app/mask.ts';

const { text, value } = masking(['hunter2hunter2']);

it.each([
  ['the password is hunter2hunter2.', 'the password is •••.'],
  ['http://127.0.0.1:1/reports/local/r/report.html?s=abc_-9', 'http://127.0.0.1:1/reports/local/r/report.html?s=•••'],
  ['<http://127.0.0.1:1/r.html?s=abc|the report>', '<http://127.0.0.1:1/r.html?s=•••|the report>'],
  ['?X-Amz-Credential=local%2F1&X-Amz-Signature=abc&x=1', '?X-Amz-Credential=•••&X-Amz-Signature=•••&x=1'],
  ['http://127.0.0.1:1/commands/T0COLDFRAME/123/abc-_9 is it', 'http://127.0.0.1:1/commands/T0COLDFRAME/••• is it'],
  // Fuzz seed 2214977: not an address any more, and a secret all the same.
  [
    'Failed to parse URL from https://hooks.slack.com%2Fcommands/T0TEAM/1/abc',
    'Failed to parse URL from https://hooks.slack.com%2Fcommands/T0TEAM/•••',
  ],
  ['Bearer xoxb-local-abc', 'Bearer •••'],
  ['token=abc&team_id=T1&trigger_id=1.2.3', 'token=•••&team_id=T1&trigger_id=•••'],
  ['{"responseUrl":"https://x/y","a":1}', '{"responseUrl":"•••","a":1}'],
  ['command:8366155478.4567.90', 'command:8366155478.4567.90'],
  ['command:13345224609.738474920.8088930838d88f008e0', 'command:13345224609.738474920.•••'],
  // Fuzz seed 2344856
  ['command:or13345224609.738474920.8088930838d88f008e0', 'command:or13345224609.738474920.•••'],
  ['nothing to hide: tokens=3', 'nothing to hide: tokens=3'],
])('makes of %j', (given, shown) => expect(text(given)).toBe(shown));

it('hides fields by their names, however deep, and keeps the rest as it is', () => {
  const given = {
    headers: { 'x-slack-signature': 'v0=1', 'x-coldframe-signature': 's', Authorization: 'a', accept: '*/*' },
    body: { token: 't', response_urls: [], response_url: 'r', actions: [{ trigger_id: '1' }], ok: true, count: 3, none: null },
  };
  expect(value(given)).toEqual({
    headers: { 'x-slack-signature': '•••', 'x-coldframe-signature': '•••', Authorization: '•••', accept: '*/*' },
    body: { token: '•••', response_urls: [], response_url: '•••', actions: [{ trigger_id: '•••' }], ok: true, count: 3, none: null },
  });
});
