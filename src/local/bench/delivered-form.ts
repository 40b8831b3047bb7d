import { signedForm } from '../slack/slack-delivery.ts';

/** A form of Slack's, signed now, as an HTTP API (payload 2.0) delivers it to a function. */
export function deliveredForm(secret: string, fields: Readonly<Record<string, string>>) {
  const { headers, body } = signedForm('', fields, { secret, nowMs: Date.now() });
  return {
    ...{ version: '2.0', routeKey: 'POST /slack/events', rawPath: '/slack/events', rawQueryString: '' },
    headers,
    requestContext: { http: { method: 'POST', path: '/slack/events', sourceIp: '127.0.0.1' }, timeEpoch: Date.now() },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}
