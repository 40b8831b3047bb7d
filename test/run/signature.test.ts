import { describe, expect, it } from 'vitest';
import { isSignedWith, type Signable, signatureOf, timestampFault } from '../../src/run/signature.ts';

const request: Signable = { method: 'POST', path: '/runs', query: '', timestamp: '1764000000', body: '{"environment":"staging"}' };

describe('a signature', () => {
  it('is what docs/ci.md says, so that any tool can make one', () => {
    // printf 'v1\n1764000000\nPOST\n/runs\n\n{"environment":"staging"}' | openssl dgst -sha256 -hmac secret
    expect(signatureOf(request, 'secret')).toBe('v1=f863546090de288e75e19bf07f17401a2d5f61d302f72eccb64b340aa3e34804');
  });

  it.each<[string, Partial<Signable>]>([
    ['method', { method: 'GET' }],
    ['path', { path: '/runs/x' }],
    ['query', { query: 'a=1' }],
    ['time', { timestamp: '1764000001' }],
    ['body', { body: '{"environment":"staging"} ' }],
    ['border between two parts', { path: '/runs\n', query: '' }],
  ])('fits no other %s', (_, other) => {
    const signature = signatureOf(request, 'secret');
    expect(isSignedWith('secret', request, signature)).toBe(true);
    expect(isSignedWith('secret', { ...request, ...other }, signature)).toBe(false);
  });

  it.each(['', 'v1=', 'v0=00', 'v1=é'])('is not %j, nor one with another secret', (signature) => {
    expect(isSignedWith('secret', request, signature)).toBe(false);
    expect(isSignedWith('another', request, signatureOf(request, 'secret'))).toBe(false);
  });

  it('is never made with an empty secret', () => {
    expect(() => signatureOf(request, '')).toThrow('the secret is empty');
  });
});

describe('the time of a request', () => {
  const nowMs = 1_764_000_000_000;
  it.each([
    ['1764000000', undefined],
    ['1763999700', undefined],
    ['1764000300', undefined],
    ['1763999699', 'more than five minutes off'],
    ['1764000301', 'more than five minutes off'],
    ['', 'must be the time in seconds since 1970'],
    ['1764000000.5', 'must be the time in seconds since 1970'],
    [undefined, 'must be the time in seconds since 1970'],
  ])('%j: %s', (timestamp, fault) => {
    if (fault === undefined) expect(timestampFault(timestamp, nowMs)).toBeUndefined();
    else expect(timestampFault(timestamp, nowMs)).toContain(fault);
  });
});
