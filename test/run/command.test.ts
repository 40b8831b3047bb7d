import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandText, parseCommand } from '../../src/run/command.ts';
import { catalogueOf } from '../catalogue.ts';

const catalogue = catalogueOf(
  { name: 'local' },
  { name: 'staging', refs: ['main', 'release/*'], suite: { repository: 'https://github.com/example/ui-tests.git' } },
  { name: 'production' },
  { name: 'nightly', refs: ['*'] },
);
const read = (text: string) => parseCommand(text, catalogue);
const run = (command: object) => ({ kind: 'run', command: { environment: 'staging', features: [], ...command } });

describe('a command', () => {
  it.each([
    ['staging', run({})],
    ['  STAGING ', run({})],
    ['staging @smoke', run({ tags: '@smoke' })],
    ['staging @smoke and not (@slow or @wip)', run({ tags: '@smoke and not (@slow or @wip)' })],
    ['staging "@smoke and not @slow" retry=2', run({ tags: '@smoke and not @slow', retry: 2 })],
    ['staging retry=0 @smoke', run({ tags: '@smoke', retry: 0 })],
    ['staging --tags @smoke', run({ tags: '@smoke' })],
    ['staging tags="@a or @b"', run({ tags: '@a or @b' })],
    ['staging @issue=12', run({ tags: '@issue=12' })],
    ['staging shards=1', run({ shards: 1 })],
    ['staging shards=4', run({ shards: 4 })],
    ['staging shards=Auto', run({ shards: 'auto' })],
    ['staging ref=main', run({ ref: 'main' })],
    ['staging @smoke ref=release/2.4', run({ tags: '@smoke', ref: 'release/2.4' })],
    ['staging feature=features/login.feature', run({ features: ['features/login.feature'] })],
    ['staging feature=a.feature,b.feature feature="c d.feature"', run({ features: ['a.feature', 'b.feature', 'c d.feature'] })],
    ['“staging” “@smoke”', run({ tags: '@smoke' })],
    ['staging —retry=2', run({ retry: 2 })],
    ['staging\u00a0@smoke\u00a0and\u2009not\u00a0@slow', run({ tags: '@smoke and not @slow' })],
    ['staging \u200b@smoke\u200b', run({ tags: '@smoke' })],
    ['', { kind: 'help' }],
    ['  ', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['—help', { kind: 'help' }],
  ])('reads %j', (text, expected) => expect(read(text)).toEqual(expected));

  it.each([
    ['stagin', 'did you mean `staging`?'],
    ['nowhere', '`local`, `staging`, `production`'],
    ['staging smoke', '`@smoke`'],
    ['staging @a and', 'is not a tag expression'],
    ['staging @a @b', 'is not a tag expression'],
    ['staging retries=9', 'from 0 to 5'],
    ['staging retri=2', 'did you mean `retry=`?'],
    ['staging retry=two', 'not `two`'],
    ['staging retry=1 retry=2', 'say it once'],
    ['staging @a tags=@b', 'two tag expressions'],
    ['staging shards=41', 'from 1 to 40'],
    ['staging shards=0', 'from 1 to 40, or `auto`, not `0`'],
    ['staging feature=../../etc/passwd', 'not a feature file'],
    ['staging feature=--require=x.feature', 'not a feature file'],
    ['staging feature=/etc/x.feature', 'not a feature file'],
    ['staging feature=a/../../x.feature', 'not a feature file'],
    ['staging tag=@a reff=main', 'did you mean `ref=`?'],
    ['staging colour=blue', 'I know'],
    ['local ref=main', 'baked into its image'],
    ['staging ref=feature/x', '`release/*`'],
    ['staging ref=release/a/b', '`release/*`'],
    ['staging ref=', 'cannot be the name of a git ref'],
    ['staging ref=main..dev', 'cannot be the name of a git ref'],
    ['staging ref=--upload-pack=x', 'cannot be the name of a git ref'],
    ['staging ref=+main', 'cannot be the name of a git ref'],
    ['staging ref=main:main', 'cannot be the name of a git ref'],
    ['nightly ref=main', '`suite.repository`'],
  ])('refuses %j with the way out', (text, wayOut) => {
    const command = read(text);
    expect(command).toMatchObject({ kind: 'refused', because: expect.stringContaining(wayOut) });
  });

  it.each([
    '<!channel>',
    'staging <!channel>',
    'staging <!here>=1',
    'staging retry=<!channel>',
    'staging feature=<!channel>',
    'staging ref=<!channel>',
    'staging &lt;!channel&gt;',
  ])('a refusal of %j never pings', (text) =>
    expect(read(text)).toMatchObject({ kind: 'refused', because: expect.not.stringMatching(/<[!@#]/) }),
  );

  it.each(['\u200b', '&amp;'])('refuses what is too long to be kept, though little of it counts: %j again and again', (filler) => {
    const text = `staging @smoke${filler.repeat(1_900)}`;
    expect(read(text.padEnd(2_001, filler))).toMatchObject({ kind: 'refused', because: expect.stringContaining('too long') });
  });

  it('is never thrown at, whatever is typed', () => {
    const pieces = fc.constantFrom(
      'staging',
      ' ',
      '"',
      "'",
      '=',
      'tags',
      'retry',
      '@a',
      'and',
      'not',
      '(',
      ')',
      '--',
      '“',
      '\u00a0',
      '\0',
      '<!channel>',
      '`',
      '\\',
      '../',
    );
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(typed, (text) => {
        expect(['help', 'run', 'refused']).toContain(read(text).kind);
      }),
    );
  });
});

describe('a command as text', () => {
  it.each([
    'staging',
    'staging tags=@smoke',
    'staging tags="@smoke and not (@slow or @wip)"',
    'staging feature=features/a.feature feature="features/a b.feature" ref=release/1.2 retry=0',
    `staging feature='features/the "b".feature'`,
  ])('leads to the same command: %s', (text) => {
    const parsed = read(text);
    if (parsed.kind !== 'run') throw new Error('it was refused');
    expect(commandText(parsed.command)).toBe(text);
  });
});
