import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifySignature } from '../../src/slack/verify.ts';

/** The example of Slack's own documentation. */
const documented = {
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  body: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};
const then = 1531420618_000;

describe('a signature', () => {
  it('as Slack documents it is genuine', () => expect(verifySignature({ ...documented, nowMs: then })).toEqual({ kind: 'genuine' }));

  it.each([
    ['five minutes and a second later', { nowMs: then + 301_000 }],
    ['five minutes and a second too early', { nowMs: then - 301_000 }],
    ['without a timestamp', { timestamp: undefined }],
    ['without a signature', { signature: undefined }],
    ['with a timestamp that is no number', { timestamp: '1531420618abc' }],
    ['with an empty signature', { signature: '' }],
    ['with only the version', { signature: 'v0=' }],
    ['with a shortened signature', { signature: documented.signature.slice(0, -2) }],
    ['in capital letters', { signature: documented.signature.toUpperCase() }],
    ['of another version', { signature: documented.signature.replace('v0', 'v1') }],
    ['over one byte less', { body: documented.body.subarray(1) }],
    ['with another timestamp', { timestamp: '1531420619' }],
    ['with another secret', { secret: 'another' }],
  ])('%s is rejected', (_, change) => expect(verifySignature({ ...documented, nowMs: then, ...change }).kind).toBe('rejected'));

  it('is over the bytes, not over the text that they spell', () => {
    const body = Buffer.from([0x61, 0xff, 0xfe, 0x62]);
    const signature = `v0=${createHmac('sha256', 's').update('v0:1531420618:').update(body).digest('hex')}`;
    const request = { secret: 's', timestamp: documented.timestamp, signature, nowMs: then };
    expect(verifySignature({ ...request, body }).kind).toBe('genuine');
    expect(verifySignature({ ...request, body: Buffer.from(body.toString('utf8')) }).kind).toBe('rejected');
  });

  it('with an empty secret is a mistake of ours, said loudly', () => {
    expect(() => verifySignature({ ...documented, secret: '', nowMs: then })).toThrow('signing secret is empty');
  });
});
