import { gzipSync } from 'node:zlib';
import type { Chance } from '../simulation/chance.ts';

/** Somebody who asks nothing: nobody may be pinged by what is tested. */
const victim = 'U0VICTIM99';
/** Would run, if it were markup. */
const script = '<script>coldframe_fuzz()</script>';

const pings = [
  '<!channel>',
  '<!here>',
  '<!everyone>',
  `<@${victim}>`,
  '<!subteam^S0VICTIM99>',
  '<#C0VICTIM99>',
  '<https://evil.example|here>',
] as const;
const markup = [
  script,
  `</script>${script}`,
  '<img src=x onerror=coldframe_fuzz()>',
  '"><svg onload=coldframe_fuzz()>',
  "' onclick='coldframe_fuzz()",
  `<!--${script}`,
  `]]>${script}`,
  '&lt;!channel&gt;',
  '&amp;lt;',
] as const;
const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'length', 'then'] as const;
const characters = [
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u202e',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\udfff',
  '\r\n',
  '\t',
  '\u0085',
  '😀',
  'é',
  '`',
  '```',
  '*',
  '_',
  '~',
  '\\',
  '"',
  "'",
  '%00',
  '%',
  '$(id)',
  '; id',
  '--',
  '../',
  '{{x}}',
] as const;
const numbers = ['0', '-1', '1e309', 'NaN', '9007199254740993', '0x10', '1.5', '٣', '1'.repeat(400)] as const;
const roots = [...pings, ...markup, ...names, ...characters, ...numbers] as const;

/** Text that somebody may write where text is expected. */
export function oddText(chance: Chance, mostLength = 3_000): string {
  if (chance.happens(0.03)) return chance.oneOf(roots).repeat(Math.ceil((mostLength * (1 + chance.below(3))) / 8));
  const words = Array.from({ length: chance.below(6) }, () => (chance.happens(0.75) ? chance.oneOf(roots) : word(chance)));
  return words.join(chance.oneOf(['', ' ', '\n', '=', ':', '/']));
}

const word = (chance: Chance) =>
  chance.oneOf([
    'staging',
    'prod',
    '@smoke',
    'not',
    'and',
    'or',
    '(',
    ')',
    'ref=main',
    'ref=--upload-pack=id',
    'retry=2',
    'shards=99',
    'feature=features/a.feature',
    'feature=../../etc/passwd',
    'help',
    'last',
    '7d',
    'shop-api',
    '"',
    'tags=',
  ]);

/** Any JSON: of the kind that is not expected, deep, long, or with names that an object has anyway. */
export function oddJson(chance: Chance, depth = 3): unknown {
  const kind = chance.below(depth > 0 ? 11 : 7);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return chance.happens(0.5);
    case 2:
      return chance.oneOf([0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER, -0]);
    case 3:
    case 4:
    case 5:
    case 6:
      return oddText(chance, 500);
    case 7:
      return Array.from({ length: chance.below(5) }, () => oddJson(chance, depth - 1));
    case 8:
      return JSON.parse(`{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`);
    default:
      return Object.fromEntries(Array.from({ length: chance.below(5) }, () => [oddText(chance, 40), oddJson(chance, depth - 1)]));
  }
}

/** JSON nested so deep that whoever follows it by calling itself falls. */
export const deepJson = (chance: Chance): string => {
  const depth = chance.oneOf([100, 5_000, 50_000]);
  return chance.happens(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
};

/** A value of which parts are replaced, left out, added or put elsewhere. */
export function spoiled(value: unknown, chance: Chance, share = 0.15): unknown {
  if (chance.happens(share)) return oddJson(chance);
  if (Array.isArray(value)) return value.filter(() => !chance.happens(share / 3)).map((one) => spoiled(one, chance, share));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(() => !chance.happens(share / 3));
  const more = chance.happens(share) ? [[chance.oneOf([...names, 'extra']), oddJson(chance, 1)]] : [];
  return Object.fromEntries([...entries.map(([name, one]) => [name, spoiled(one, chance, share)]), ...more]);
}

/** The same, but what is spoiled stays an object: AWS calls a function with nothing else. */
export const spoiledParts = (value: object, chance: Chance, share: number): object =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoiled(one, chance, share)]));

/** Bytes that are cut off, changed, or go on. */
export function spoiledText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + oddText(chance, 200) + text.slice(at);
    case 2:
      return text + text;
    case 3:
      return deepJson(chance);
    case 4:
      return oddText(chance);
    default:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(5));
  }
}

let bomb: Buffer | undefined;
/** Unpacks to 200 MB. */
export const gzipBomb = (): Buffer => {
  bomb ??= gzipSync(Buffer.alloc(200 * 1024 * 1024, 'a'), { level: 1 });
  return bomb;
};
