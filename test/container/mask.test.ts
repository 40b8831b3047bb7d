import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOf } from '../../container/mask.ts';
import '../fewer-cases.ts';

const secret = fc.oneof(
  fc.string({ minLength: 4, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', ' ', '+', '/', '%', '&', '<', 'ä', '€', '😀', 'a', '0', '*'),
    minLength: 4,
    maxLength: 12,
  }),
);
/** Text around a secret, as far as it does not itself matter. */
const around = fc.string({ maxLength: 20 });

const inHtml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const forms: readonly (readonly [string, (value: string) => string])[] = [
  ['raw', (value) => value],
  ['JSON', (value) => JSON.stringify(value).slice(1, -1)],
  ['JSON in JSON', (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ['JSON in JSON in JSON', (value) => JSON.stringify(JSON.stringify(JSON.stringify(value))).slice(7, -7)],
  ['encodeURIComponent', (value) => encodeURIComponent(value)],
  ['lower case percent encoding', (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
  ['form encoding', (value) => new URLSearchParams({ v: value }).toString().slice(2)],
  ['JSON in a URL', (value) => encodeURIComponent(JSON.stringify(value).slice(1, -1))],
  ['a URL in a URL', (value) => encodeURIComponent(encodeURIComponent(value))],
  [
    'a URL in JSON in a URL',
    (value) => encodeURIComponent(JSON.stringify(new URLSearchParams({ v: value }).toString().slice(2)).slice(1, -1)),
  ],
  ['HTML in JSON', (value) => JSON.stringify(value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)).slice(1, -1)],
  ['HTML', (value) => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)],
  ['HTML in a URL', (value) => encodeURIComponent(inHtml(value))],
  ['HTML in a URL, with numbers', (value) => encodeURIComponent(value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`))],
  ['HTML in HTML in a URL in a URL', (value) => encodeURIComponent(encodeURIComponent(inHtml(inHtml(value))))],
];

describe('a mask', () => {
  it.each(forms)('leaves no secret in its form %s', (_name, encode) => {
    fc.assert(
      fc.property(secret, around, around, (value, before, after) => {
        fc.pre(value.trim().length >= 4 && value.isWellFormed());
        const shown = encode(value);
        expect(maskOf([value]).text(before + shown + after)).not.toContain(shown);
      }),
    );
  });

  it.each(['base64', 'base64url'] as const)('leaves no readable bytes of a secret in %s, whatever surrounds it there', (encoding) => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40 }), around, around, (value, before, after) => {
        fc.pre(value.trim().length >= 6);
        const text = Buffer.from(before + value + after).toString(encoding);
        const decoded = maskOf([value])
          .text(text)
          .split(/[^A-Za-z0-9+/_=-]+/)
          .map((piece) => Buffer.from(piece, encoding).toString());
        for (const piece of decoded) expect(piece).not.toContain(value);
      }),
    );
  });

  it('leaves no secret in the base64 of JSON, as in a token', () => {
    fc.assert(
      fc.property(secret, around, (value, user) => {
        fc.pre(value.trim().length >= 6 && value.isWellFormed());
        const masked = maskOf([value]).text(Buffer.from(JSON.stringify({ user, password: value })).toString('base64url'));
        for (const piece of masked.split(/[^\w-]+/))
          expect(Buffer.from(piece, 'base64url').toString()).not.toContain(JSON.stringify(value).slice(1, -1));
      }),
    );
  });

  it('hides a password inside the header of Basic authentication', () => {
    const header = `Authorization: Basic ${Buffer.from('maria:correct-horse').toString('base64')}`;
    const masked = maskOf(['correct-horse']).text(header);
    expect(Buffer.from(masked.slice('Authorization: Basic '.length), 'base64').toString()).not.toContain('horse');
  });

  it('hides each of several secrets, also where they overlap or contain each other', () => {
    const mask = maskOf(['xxabcd', 'cdefgh', 'abcd']);
    expect(mask.text('1 xxabcdefgh 2 abcd 3')).toBe('1 *** 2 *** 3');
  });

  it('hides every line of a private key', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n';
    const mask = maskOf([key]);
    for (const line of key.split('\n').filter(Boolean)) expect(mask.text(`key: ${line}`)).toBe('key: ***');
  });

  it.each([
    ['painted', 'hunter2-\u001b[7m9\u001b[27m-horse', '***'],
    ['painted, as JSON', JSON.stringify('hunter2-\u001b[7m9\u001b[27m-horse'), '"***"'],
    ['painted in pieces', '\u001b[31mhunter2\u001b[0m\u001b[32m-9-horse\u001b[39m', '\u001b[31m***\u001b[39m'],
    ['beside colours', '\u001b[31m+\u001b[39m hunter2-9-horse \u001b[1mno\u001b[22m', '\u001b[31m+\u001b[39m *** \u001b[1mno\u001b[22m'],
    ['painted and form encoded', 'a=hunter2\u001b[1m%2D9-\u001b[0mhorse&b', 'a=***&b'],
  ])('hides a secret that is %s, as a comparison of two texts shows it', (_, text, masked) => {
    expect(maskOf(['hunter2-9-horse']).text(text)).toBe(masked);
  });

  it('keeps a painted secret together that is cut anywhere', () => {
    const mask = maskOf(['hunter2-9-horse']);
    const text = `${'x'.repeat(300)} hunter\u001b[38;2;255;255;255m2\u001b[0m-9-\u001b[1mhorse ${'y'.repeat(300)}`;
    for (let at = 1; at < text.length; at += 1) {
      const { masked, rest } = mask.head(text.slice(0, at));
      expect(masked + mask.text(rest + text.slice(at))).toBe(mask.text(text));
    }
  });

  it('never spells a secret with its own sign', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(around), (values, pieces) => {
        const mask = maskOf(values);
        const masked = mask.text(pieces.flatMap((piece, index) => [piece, values[index % values.length] ?? '']).join(''));
        for (const value of values.filter((one) => one.trim().length >= 4)) expect(masked).not.toContain(value);
      }),
    );
  });

  it('changes nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(maskOf(['\u0000canary\u0000']).text(text)).toBe(text);
      }),
    );
    expect(maskOf([]).text('all of it')).toBe('all of it');
    expect(maskOf(['1', 'abc']).text('1 of abc')).toBe('1 of abc');
  });

  it('cut anywhere, passes on the same text as in one piece, and never a secret', () => {
    const value = 'canary"s/word';
    const text =
      `before ${value} ${JSON.stringify(value)} ${encodeURIComponent(value)} ${Buffer.from(`u:${value}`).toString('base64')} after`.repeat(
        3,
      );
    const mask = maskOf([value]);
    const whole = mask.text(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }), (sizes) => {
        let out = '';
        let held = '';
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          const { masked, rest } = mask.head(held + text.slice(at, at + size));
          out += masked;
          held = rest;
          at += size;
        }
        expect(out + mask.text(held)).toBe(whole);
      }),
    );
  });

  it('looks for a row of backslashes in a longer one without trying every way to divide them', () => {
    expect(maskOf([`${'\\'.repeat(12)}x`]).text('\\'.repeat(50_000))).toBe('\\'.repeat(50_000));
  });

  it('passes on an endless row of secrets instead of keeping it', () => {
    const { masked, rest } = maskOf(['aaaa']).head('a'.repeat(100_000));
    expect(masked).toBe('***');
    expect(rest.length).toBeLessThan(1_000);
  });
});
