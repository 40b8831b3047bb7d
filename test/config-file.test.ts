import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueToJson, complaintText, parseCatalogueJson } from '../src/config.ts';
import { parseCatalogue } from '../src/config-file.ts';
import { cases } from './every-row.ts';

const ourFile = readFileSync(new URL('../coldframe.yml', import.meta.url), 'utf8');

/** A file with one environment, whose fields are these lines on top of the two that must be there. */
const withFields = (...fields: readonly string[]): string =>
  [
    'environments:',
    '  staging:',
    '    url: https://staging.example.com',
    '    channel: C0STAGING1',
    ...fields.map((line) => `    ${line}`),
  ].join('\n');

const environmentsOf = (text: string) => {
  const parsed = parseCatalogue(text, 'coldframe.yml');
  if (parsed.kind === 'invalid') throw new Error(parsed.complaints.map(complaintText).join('\n'));
  return [...parsed.catalogue.values()];
};

const complaintsOf = (text: string): readonly string[] => {
  const parsed = parseCatalogue(text, 'coldframe.yml');
  return parsed.kind === 'invalid' ? parsed.complaints.map(complaintText) : [];
};

describe('coldframe.yml', () => {
  describe('ci', () => {
    const ciOf = (...lines: readonly string[]) => {
      const parsed = parseCatalogue([withFields(), 'ci:', ...lines.map((line) => `  ${line}`)].join('\n'), 'coldframe.yml');
      return parsed.kind === 'catalogue' ? parsed.ci : parsed.complaints.map(complaintText);
    };
    const oidc = (trust: string) =>
      ciOf('oidc:', '  issuer: https://token.actions.githubusercontent.com', '  audience: coldframe', '  trust:', `    - ${trust}`);

    it('says which keys and whose tokens may run where', () => {
      expect(ciOf('keys:', '  merges: [staging]', '  nightly-2: [staging]')).toEqual({
        keys: { merges: ['staging'], 'nightly-2': ['staging'] },
      });
      expect(oidc('{ claims: { repository: example/shop, ref: refs/heads/* }, environments: [staging] }')).toEqual({
        keys: {},
        oidc: {
          issuer: 'https://token.actions.githubusercontent.com',
          audience: 'coldframe',
          trust: [{ claims: { repository: 'example/shop', ref: 'refs/heads/*' }, environments: ['staging'] }],
        },
      });
    });

    it.each<[readonly string[], string]>([
      [[], ':5: ci: must be a mapping'],
      [['keys: {}'], ':5: ci: lets nobody in: add `keys` or `oidc`, or leave it out'],
      [['keys: [merges]'], ':6: ci.keys: must be a mapping from the ids of keys to environments'],
      [['keys:', '  merges: staging'], ':7: ci.keys.merges: must be a list of environments, like `[staging]`, not `staging`'],
      [['keys:', '  merges: []'], ':7: ci.keys.merges: names no environment'],
      [['keys:', '  Merges: [staging]'], ':7: ci.keys.Merges: `Merges` is not the id of a key'],
      [['keys:', '  merges: [stagin]'], ':7: ci.keys.merges: names `stagin`, which is no environment of this file'],
      [['keys:', '  merges: [staging]', '  merges: [staging]'], ':8: ci.keys.merges: is written twice, first on line 7: keep one'],
      [['key: { merges: [staging] }'], ':6: ci.key: is not a field we know'],
      [['oidc: { issuer: https://ci.example.com, audience: coldframe }'], ':6: ci.oidc.trust: is missing: say whose tokens may run where'],
      [
        ['oidc: { issuer: http://ci.example.com, audience: a, trust: [] }'],
        ':6: ci.oidc.issuer: `http://ci.example.com` is not the address',
      ],
    ])('complains about %j', (lines, complaint) => {
      expect(ciOf(...lines)).toEqual(expect.arrayContaining([expect.stringContaining(`coldframe.yml${complaint}`)]));
    });

    it.each([
      ['{ ref: refs/heads/main }', 'would let in anybody who has an account there'],
      ['{}', 'would let in anybody who has an account there'],
      ['{ repository: "*" }', 'leaves open whose it is'],
      ['{ repository: "*/shop" }', 'leaves open whose it is'],
      ['{ repository: "example*/shop" }', 'leaves open whose it is'],
      ['{ sub: "repo:*" }', 'leaves open whose it is'],
      ['{ repository_id: 12 }', 'must be text: put `12` in quotes'],
    ])('refuses tokens that claim %s', (claims, because) => {
      const found = oidc(`{ claims: ${claims}, environments: [staging] }`);
      expect(found).toEqual(expect.arrayContaining([expect.stringContaining(because)]));
    });

    it.each(['{ repository: "example/*" }', '{ sub: "repo:example/shop:*" }', '{ repository_id: "12" }'])(
      'takes tokens that claim %s',
      (claims) => {
        expect(oidc(`{ claims: ${claims}, environments: [staging] }`)).toMatchObject({ keys: {} });
      },
    );
  });

  describe('coldStarts.channels', () => {
    const told = (...lines: readonly string[]): string =>
      [withFields(), 'coldStarts:', '  functions: [orders-]', ...lines.map((line) => `  ${line}`)].join('\n');
    const channelsOf = (text: string) => {
      const parsed = parseCatalogue(text, 'coldframe.yml');
      return parsed.kind === 'catalogue' ? parsed.coldStarts?.channels : parsed.complaints.map(complaintText);
    };

    it('says which channels are told unasked, of what, and when', () => {
      expect(channelsOf(told())).toEqual([]);
      const text = told(
        'channels:',
        '  C0ORDERS:',
        '    functions: [orders-*]',
        '    digest: monday 09:00 Europe/Berlin',
        '  C0ALARM: { alert: true }',
      );
      expect(channelsOf(text)).toEqual([
        { channel: 'C0ORDERS', functions: ['orders-*'], digest: 'monday 09:00 Europe/Berlin', alert: false },
        { channel: 'C0ALARM', functions: [], alert: true },
      ]);
    });

    it.each([
      [
        ['channels: C0ORDERS'],
        ':7: coldStarts.channels: must be a mapping from channel ids to what they are told: `C0123ABCDEF: { alert: true }`',
      ],
      [['channels:', '  C0ORDERS: true'], ':8: coldStarts.channels.C0ORDERS: must be a mapping of `functions`, `digest`, `alert`'],
      [
        ['channels:', '  orders: { alert: true }'],
        ":8: coldStarts.channels.orders: `orders` is not a channel id like `C0123ABCDEF`: in Slack open the channel's details; the id is at the bottom",
      ],
      [
        ['channels:', '  C0ORDERS:', '    alerts: true'],
        ':9: coldStarts.channels.C0ORDERS.alerts: is not a field we know: did you mean `alert`?',
      ],
      [['channels:', '  C0ORDERS:', '    alert: yes'], ':9: coldStarts.channels.C0ORDERS.alert: must be `true` or `false`, not `yes`'],
      [
        ['channels:', '  C0ORDERS:', '    digest: mondays 9:00 UTC'],
        ':9: coldStarts.channels.C0ORDERS.digest: `mondays 9:00 UTC` names no weekday: did you mean `monday`?',
      ],
      [
        ['channels:', '  C0ORDERS:', '    digest: 540'],
        ':9: coldStarts.channels.C0ORDERS.digest: must be text like `monday 09:00 Europe/Berlin`, not `540`',
      ],
      [
        ['channels:', '  C0ORDERS:', '    functions: [orders-*]'],
        ':8: coldStarts.channels.C0ORDERS: would never be told anything: add `digest: monday 09:00 Europe/Berlin` or `alert: true`',
      ],
      [
        ['channels:', '  C0ORDERS:', '    alert: true', '    functions: [orders-api, billing-*]'],
        ':10: coldStarts.channels.C0ORDERS.functions: `billing-*` may not be looked at: it begins with none of `coldStarts.functions` (`orders-`)',
      ],
      [
        ['channels:', '  C0ORDERS:', '    alert: true', '    functions: ["*"]'],
        ":10: coldStarts.channels.C0ORDERS.functions.0: `*` is neither a function's name nor the beginning of one, like `orders-*`",
      ],
      [
        ['channels:', '  C0ORDERS: { alert: true }', '  C0ORDERS: { alert: true }'],
        ':9: coldStarts.channels.C0ORDERS: is written twice, first on line 8: keep one',
      ],
    ])('%j is refused with line, field and the way out', (lines, complaint) => {
      expect(channelsOf(told(...lines))).toEqual([`coldframe.yml${complaint}`]);
    });
  });

  it('in this repository is right, and its example is the local environment', () => {
    expect(environmentsOf(ourFile).map(({ name, url }) => [name, url])).toEqual([
      ['local', 'example'],
      ['staging', 'https://staging.example.com'],
      ['production', 'https://www.example.com'],
    ]);
  });

  it('needs only url and channel; everything else has a default', () => {
    expect(environmentsOf(withFields())).toEqual([
      {
        name: 'staging',
        url: 'https://staging.example.com',
        channel: 'C0STAGING1',
        allow: { users: [], userGroups: [], channels: [] },
        confirm: false,
        tags: '',
        retry: 0,
        shards: 1,
        limitMs: 1_800_000,
        tasksAtOnce: 1,
        vcpu: 2,
        memoryMb: 4_096,
        refs: [],
        mentionOnFailure: [],
      },
    ]);
  });

  it.each([
    ['limit: 90s', { limitMs: 90_000 }],
    ['limit: 20m', { limitMs: 1_200_000 }],
    ['limit: 1h30m', { limitMs: 5_400_000 }],
    ['limit: 6h', { limitMs: 21_600_000 }],
    ['approval: 2', { approval: 2 }],
    ['tasksAtOnce: 4', { shards: 1, tasksAtOnce: 4 }],
    ['shards: 3', { shards: 3, tasksAtOnce: 3 }],
    ['shards: auto\n    tasksAtOnce: 12', { shards: 'auto', tasksAtOnce: 12 }],
    ['together: ["@serial", "@account-*"]', { together: ['@serial', '@account-*'] }],
    ['tags: "@smoke and not (@wip or @slow)"', { tags: '@smoke and not (@wip or @slow)' }],
    ['quarantine: "@quarantine or @flaky"', { quarantine: '@quarantine or @flaky' }],
    [
      'allow: { users: [U0123ABCD], userGroups: [S0123ABCD] }',
      { allow: { users: ['U0123ABCD'], userGroups: ['S0123ABCD'], channels: [] } },
    ],
    ['refs: [main, release/*, "*"]', { refs: ['main', 'release/*', '*'] }],
    ['secretsPath: /coldframe/prod/suite/staging', { secretsPath: '/coldframe/prod/suite/staging' }],
    ['mentionOnFailure: [U0123ABCD, S0123ABCD]', { mentionOnFailure: ['U0123ABCD', 'S0123ABCD'] }],
    [
      'owners: [{ for: "@login", ping: [S0123ABCD] }, { for: features/a/, ping: [] }]',
      {
        owners: [
          { for: '@login', ping: ['S0123ABCD'] },
          { for: 'features/a/', ping: [] },
        ],
      },
    ],
    ['hear: { runs: every run }', { hear: { runs: 'every run', digest: 'weekdays 09:00 UTC', quiet: '', asker: 'every end' } }],
    [
      'hear: { runs: digest, digest: daily 08:30 Europe/Berlin, quiet: "20:00-07:00 UTC", asker: failures }',
      { hear: { runs: 'digest', digest: 'daily 08:30 Europe/Berlin', quiet: '20:00-07:00 UTC', asker: 'failures' } },
    ],
    ['memoryMb: 8192', { memoryMb: 8_192 }],
    ['profiles: [ci, "two:words"]', { profiles: ['ci', 'two:words'] }],
    ['capacity: spot', { capacity: 'spot' }],
    ['parallel: 4', { parallel: 4 }],
    ['parallel: vcpu', { parallel: 'vcpu' }],
    [
      'suite: { repository: "https://github.com/example/ui-tests.git", path: tests/ui }',
      { suite: { repository: 'https://github.com/example/ui-tests.git', path: 'tests/ui' } },
    ],
    ['suite: { repository: "http://127.0.0.1:8080/a.git" }', { suite: { repository: 'http://127.0.0.1:8080/a.git' } }],
  ])('reads %s', (line, fields) => expect(environmentsOf(withFields(line))[0]).toMatchObject(fields));

  it.each(['http://localhost:3000', 'http://127.0.0.1:8080/app', 'https://staging.example.com/app', 'example'])(
    'takes the url %s',
    (url) => {
      expect(environmentsOf(`environments: { a: { url: "${url}", channel: C0STAGING1 } }`)[0]?.url).toBe(url);
    },
  );

  it('says everything that is wrong at once, by line, with the way out', () => {
    const text = [
      'enviroments: {}',
      'environments:',
      '  Staging_1:',
      '    url: http://staging.example.com',
      '    chanel: C0STAGING1',
      '    retry: 7',
      '    allow:',
      '      users: [U0123ABCD,',
      '        bob]',
      '  qa:',
      '    url: https://qa.example.com',
      '    channel: #general',
      '    retry: 1',
      '    retry: 2',
    ].join('\n');
    expect(complaintsOf(text)).toEqual([
      'coldframe.yml:1: enviroments: is not a field we know: did you mean `environments`?',
      'coldframe.yml:3: environments.Staging_1: `Staging_1` is not a name: use lower case letters, digits and `-`, beginning with a letter',
      'coldframe.yml:3: environments.Staging_1.channel: is missing: add the id of the Slack channel where runs are reported that nobody asked for in a channel',
      'coldframe.yml:4: environments.Staging_1.url: must begin with `https://` (only localhost may be plain http): `https://staging.example.com/`',
      'coldframe.yml:5: environments.Staging_1.chanel: is not a field we know: did you mean `channel`?',
      'coldframe.yml:6: environments.Staging_1.retry: must be at most 5',
      'coldframe.yml:9: environments.Staging_1.allow.users.1: `bob` is not a user id like `U0123ABCDEF`: in Slack open the profile, then "Copy member ID"',
      'coldframe.yml:12: environments.qa.channel: has no value (a `#` begins a comment: put such text in quotes)',
      'coldframe.yml:14: environments.qa.retry: is written twice, first on line 13: keep one',
    ]);
  });

  it.each([
    ['retry: -1', 'environments.staging.retry: must be at least 0'],
    ['retry: 1.5', 'environments.staging.retry: must be a whole number, not `1.5`'],
    ['retry: "1"', 'environments.staging.retry: must be a number without quotes, not `1`'],
    ['shards: 0', 'environments.staging.shards: must be at least 1'],
    ['shards: 41', 'environments.staging.shards: must be at most 40'],
    ['shards: many', 'environments.staging.shards: must be a number without quotes, or `auto`'],
    ['shards: auto', 'environments.staging.tasksAtOnce: is missing: with `shards: auto` say how many'],
    ['together: "@serial"', 'environments.staging.together: must be a list: `[@serial]`'],
    ['together: [serial]', 'environments.staging.together.0: `serial` is not a tag or a pattern of tags'],
    ['together: ["@a or @b"]', 'environments.staging.together.0: `@a or @b` is not a tag'],
    ['tasksAtOnce: 101', 'environments.staging.tasksAtOnce: must be at most 100'],
    ['limit: 20', 'environments.staging.limit: needs a unit: `20m` or `20s`'],
    ['limit: 59s', 'environments.staging.limit: must be at least `1m`'],
    ['limit: 6h1s', 'environments.staging.limit: must be at most `6h`'],
    ['limit: soon', 'environments.staging.limit: `soon` is not a duration: write it like `20m`, `90s` or `1h30m`'],
    ['approval: 0', 'environments.staging.approval: must be at least 1'],
    ['approval: 6', 'environments.staging.approval: must be at most 5'],
    ['confirm: yes', 'environments.staging.confirm: must be `true` or `false`, not `yes`'],
    ['tags: smoke', 'environments.staging.tags: `smoke` is not a tag: tags begin with @, write `@smoke`'],
    ['quarantine: flaky', 'environments.staging.quarantine: `flaky` is not a tag: tags begin with @, write `@flaky`'],
    ['quarantine: ""', 'environments.staging.quarantine: must name a tag, like `"@quarantine"`: leave it out for none'],
    [
      'tags: "@a and"',
      'environments.staging.tags: `@a and` is not a tag expression (Expected operand): write it like `@smoke and not @broken`',
    ],
    ['refs: main', 'environments.staging.refs: must be a list: `[main]`'],
    [
      'refs: ["--upload-pack=x"]',
      'environments.staging.refs.0: `--upload-pack=x` is not a pattern of git refs: write it like `main` or `release/*`',
    ],
    ['refs: ["a..b"]', 'environments.staging.refs.0: `a..b` is not a pattern of git refs: write it like `main` or `release/*`'],
    [
      'secretsPath: prod',
      'environments.staging.secretsPath: `prod` is not a path of SSM parameters: write it like `/coldframe/prod/suite/staging`',
    ],
    ['secretsPath: /aws/x', 'environments.staging.secretsPath: SSM keeps `/aws` and `/ssm` for itself: choose another path than `/aws/x`'],
    ['vcpu: 3', 'environments.staging.vcpu: Fargate has 0.25, 0.5, 1, 2, 4, 8 or 16 vCPUs, not `3`'],
    [
      'memoryMb: 5000',
      'environments.staging.memoryMb: Fargate has no task of 2 vCPU and 5000 MB: with 2 vCPU take 4096 to 16384 in steps of 1024',
    ],
    ['capacity: cheap', 'environments.staging.capacity: must be `on-demand`, or `spot`'],
    ['parallel: 0', 'environments.staging.parallel: must be a whole number from 1 to 32, or `vcpu`'],
    ['parallel: lots', 'environments.staging.parallel: must be a whole number from 1 to 32, or `vcpu`'],
    ['profiles: ["-x y"]', 'environments.staging.profiles.0: `-x y` is not the name of a profile: write it like `ci`'],
    ['suite: https://github.com/a/b', 'environments.staging.suite: must be a mapping of `repository`, `path`'],
    ['suite: { path: a }', 'environments.staging.suite.repository: is missing: add the address of the git repository'],
    ['suite: { repository: "https://a.b/c", url: a }', 'environments.staging.suite.url: is not a field we know'],
    [
      'suite: { repository: "git@github.com:a/b.git" }',
      'environments.staging.suite.repository: `git@github.com:a/b.git` is not the address of a git repository',
    ],
    ['suite: { repository: "https://x:ghp_1@github.com/a/b" }', 'environments.staging.suite.repository: must not hold a user or token'],
    ['suite: { repository: "http://github.com/a/b" }', 'environments.staging.suite.repository: must begin with `https://`'],
    ['suite: { repository: "ext::sh -c x" }', 'environments.staging.suite.repository: `ext::sh -c x` is not the address'],
    ['suite: { repository: "file:///etc" }', 'environments.staging.suite.repository: `file:///etc` is not the address'],
    ['suite: { repository: "https://github.com" }', 'environments.staging.suite.repository: `https://github.com` names no repository'],
    ['suite: { repository: "https://a.b/c?d=e" }', 'environments.staging.suite.repository: is fetched as it is'],
    ...['/tests', '../tests', 'a/../b', 'a//b', '-x', '.git/hooks', 'a/'].map((path): [string, string] => [
      `suite: { repository: "https://a.b/c", path: "${path}" }`,
      `environments.staging.suite.path: \`${path}\` is not a folder of the repository: write it like \`tests/ui\``,
    ]),
    ['allow: everybody', 'environments.staging.allow: must be a mapping of `users`, `userGroups`, `channels`'],
    ['allow: { user: [] }', 'environments.staging.allow.user: is not a field we know: did you mean `users`?'],
    ['owners: [{ for: "login", ping: [S0123ABCD], to: x }]', 'environments.staging.owners.0.to: '],
    ['owners: [{ for: "@a and", ping: [] }]', 'environments.staging.owners.0.for: `@a and` is not a tag expression'],
    ['owners: [{ for: features/, ping: [C0123ABCD] }]', 'environments.staging.owners.0.ping.0: `C0123ABCD` is not a user or user group id'],
    ['owners: me', 'environments.staging.owners: must be a list'],
    ['hear: { runs: everything }', 'environments.staging.hear.runs: must be one of `every run`, `failures and recoveries`,'],
    ['hear: { quiet: "20:00" }', 'environments.staging.hear.quiet: must be two times and a time zone'],
    ['hear: { digest: "9:00" }', 'environments.staging.hear.digest: must be days, a time and a time zone'],
    ['colour: red', 'environments.staging.colour: is not a field we know: there are `url`, `channel`, `allow`, '],
    ['mentionOnFailure: [C0123ABCD]', 'environments.staging.mentionOnFailure.0: `C0123ABCD` is not a user or user group id'],
    ['confirm: *yes', 'environments.staging.confirm: is an alias (`*name`): write the value out'],
    ['? [a]', 'environments.staging: has an entry whose key is not a word'],
  ])('refuses %s', (line, complaint) => {
    expect(complaintsOf(withFields(line))).toEqual([expect.stringContaining(`coldframe.yml:5: ${complaint}`)]);
  });

  it.each([
    ['ftp://x', 'is not a URL'],
    ['https://user:secret@x.example.com', 'must not hold a user or password'],
    ['https://x.example.com/?a=1', 'leave out `?` and `#`'],
    ['http://x.example.com', 'must begin with `https://`'],
  ])('refuses the url %s', (url, complaint) => {
    expect(complaintsOf(`environments: { a: { url: "${url}", channel: C0STAGING1 } }`)).toEqual([expect.stringContaining(complaint)]);
  });

  it.each([
    ['', 'coldframe.yml:1: is empty'],
    ['# nothing yet', 'coldframe.yml:1: is empty'],
    ['- staging', 'coldframe.yml:1: must be a mapping'],
    ['{}', 'coldframe.yml:1: environments: is missing'],
    ['environments:', 'coldframe.yml:1: environments: must be a mapping from names to environments'],
    ['environments: {}', 'coldframe.yml:1: environments: must be a mapping from names to environments'],
    ['environments:\n  staging:', 'coldframe.yml:2: environments.staging: must be a mapping with at least `url` and `channel`'],
    ['environments:\n\tstaging: {}', 'coldframe.yml:2: is indented with a tab: use spaces'],
    ['environments: {}\n---\nenvironments: {}', 'coldframe.yml:2: holds a second document'],
    [
      'environments:\n  a:\n    tags: @smoke',
      'coldframe.yml:3: Plain value cannot start with reserved character @: put the value in quotes',
    ],
    ['environments:\n  a:\n    refs: [*]', 'coldframe.yml:3: Alias cannot be an empty string: put a value that begins with `*` in quotes'],
    ['environments: "', 'coldframe.yml:1: Missing closing "quote'],
    ['environments: !secret x', 'coldframe.yml:1: Unresolved tag: !secret'],
    [`a: ${'['.repeat(20_000)}`, 'coldframe.yml:1: is nested too deeply'],
    [`a: ${' '.repeat(200_000)}`, 'coldframe.yml:1: has 200003 characters; at most 200000 are read'],
    [
      `environments:\n  ${'a'.repeat(29)}: { url: example, channel: C0STAGING1 }`,
      `coldframe.yml:2: environments.${'a'.repeat(29)}: a name has at most 28 characters`,
    ],
    ['environments:\n  help: { url: example, channel: C0STAGING1 }', 'coldframe.yml:2: environments.help: `help` is what people type'],
  ])('says what is wrong with the file %j', (text, complaint) => {
    expect(complaintsOf(text)[0]).toContain(complaint);
  });

  it.each([
    ['/coldframe/prod/suite/a', '/coldframe/prod/suite/a'],
    ['/coldframe/prod/suite', '/coldframe/prod/suite/a'],
    ['/coldframe/prod/suite/a', '/coldframe/prod/suite'],
  ])('cannot give one environment the secrets of another: %s and %s', (first, second) => {
    const entry = (name: string, path: string) => `  ${name}: { url: example, channel: C0STAGING1, secretsPath: ${path} }`;
    expect(complaintsOf(['environments:', entry('a', first), entry('b', second)].join('\n'))).toEqual([
      expect.stringContaining('coldframe.yml:3: environments.b.secretsPath: overlaps with that of `a`'),
    ]);
  });

  it.each(['/coldframe', '/coldframe/prod'])('cannot hand our own secrets to a suite: %s', (path) => {
    expect(complaintsOf(withFields(`secretsPath: ${path}`))).toEqual([
      expect.stringContaining("would hand Coldframe's own Slack token to the suite"),
    ]);
  });

  it('may name an environment after anything JavaScript knows', () => {
    const names = ['constructor', 'to-string', 'prototype', 'valueof'];
    const text = ['environments:', ...names.map((name) => `  ${name}: { url: example, channel: C0STAGING1 }`)].join('\n');
    expect(environmentsOf(text).map(({ name }) => name)).toEqual(names);
    expect(complaintsOf('environments:\n  __proto__: { url: example, channel: C0STAGING1 }')).toHaveLength(1);
  });

  it('cannot be blown up by aliases', () => {
    const bomb = [
      'a: &a [x, x]',
      ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => `${name}: &${name} [*${'abcdef'[index]}, *${'abcdef'[index]}]`),
    ];
    expect(complaintsOf([...bomb, 'environments: *g'].join('\n')).length).toBeGreaterThan(0);
    expect(complaintsOf(withFields('<<: { retry: 1 }'))).toEqual([
      expect.stringContaining('environments.staging.<<: is not a field we know'),
    ]);
  });

  it('never throws, and what it takes survives the way to the functions', { timeout: 60_000 }, () => {
    const word = fc.constantFrom(
      ...[
        'environments',
        'staging',
        'url',
        'channel',
        'allow',
        'users',
        'tags',
        'limit',
        'retry',
        'example',
        'C0STAGING1',
        '20m',
        '1',
        '@a',
        'not',
      ],
      ...[
        ':',
        ': ',
        '\n',
        '\n  ',
        '\n    ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '#',
        ' #',
        '&a',
        '*a',
        '!x',
        '|',
        '>',
        '---',
        'coldStarts:',
        'functions: [coldframe-*]',
        'channels:',
        'C0ABC: { alert: true }',
        'digest: monday 09:00 Europe/Berlin',
        '\t',
        '?',
        '<<',
        '%',
        '`',
        '\0',
      ],
    );
    const cutAndPasted = fc
      .tuple(fc.nat(ourFile.length), fc.nat(ourFile.length), fc.array(word, { maxLength: 4 }))
      .map(([from, to, words]) => ourFile.slice(0, from) + words.join('') + ourFile.slice(to));
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
      cutAndPasted,
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseCatalogue(text, 'coldframe.yml');
        if (parsed.kind === 'catalogue')
          expect(parseCatalogueJson(catalogueToJson(parsed.catalogue, parsed.coldStarts, parsed.ci), 'coldframe.json')).toEqual(parsed);
        else expect(parsed.complaints.every(({ line, message }) => line !== undefined && line >= 1 && message !== '')).toBe(true);
      }),
      { numRuns: cases(500) },
    );
  });
});
