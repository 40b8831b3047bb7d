import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaries, toldIn } from '../canaries.ts';
import { isEveryRow } from '../every-row.ts';
import { type ContainerWorld, openContainerWorld } from './container-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.stop());

const path = '/coldframe/test/suite/local';

const steps = `
  import { Given } from '@cucumber/cucumber';
  const secrets = ['APP_PASSWORD', 'API_TOKEN', 'PRIVATE_KEY'].map((name) => process.env[name]);
  const forms = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret),
    JSON.stringify(JSON.stringify({ secret })),
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString(),
    Buffer.from('maria:' + secret).toString('base64'),
    Buffer.from('x' + secret + 'yz').toString('base64url'),
  ]);
  Given('all is told', function () {
    for (const form of forms) {
      console.log(form);
      console.error('x'.repeat(70_000) + form);
      this.log(form);
      this.attach(form, 'text/plain');
      this.attach(Buffer.from(form), 'text/plain');
      this.attach(JSON.stringify({ form, padding: 'p'.repeat(5_000) }), 'application/json');
      this.link('https://example.com/?' + encodeURIComponent(form));
    }
    process.stdout.write(forms.join(''));
  });
  Given('it fails telling', () => {
    throw new Error('wrong: ' + forms.join(' '), { cause: new Error(forms[0]) });
  });
  Given('it ends telling', () => {
    for (const form of forms) console.error(form);
    process.exit(3);
  });
`;

describe('the secrets of a suite', () => {
  it.runIf(isEveryRow)('are its environment variables, and in nothing that it or the container writes', async () => {
    for (const [name, value] of Object.entries(canaries)) world.ssm.putSecret(`${path}/${name}`, value);
    for (const [runId, last] of [
      ['local-20261123-0413-secrt1', 'And it fails telling'],
      ['local-20261123-0413-secrt2', 'And it ends telling'],
    ] as const) {
      const suite = await world.suite({
        'features/steps.js': steps,
        'features/a.feature': `Feature: a\n  Scenario: telling\n    Given all is told\n    ${last}\n`,
      });
      const container = await world.start({ suite, runId, plan: { secretsPath: path } });
      await container.ended;

      const shard = world.of(runId);
      const everything = await shard.everything();
      expect(everything.map(({ key }) => key)).toEqual(
        expect.arrayContaining([shard.keys.progress, shard.keys.result, shard.keys.chunk(1)]),
      );
      expect(everything.filter(({ key }) => key.includes('/attachments/')).length).toBeGreaterThan(10);
      const texts = [...everything.map(({ content }) => content.toString()), container.output()];
      for (const text of texts) expect(toldIn(text), text.slice(0, 200)).toEqual([]);
      expect(container.output()).toContain('***');
      expect(shard.lines().join()).toContain('***');
    }
    expect(world.of('local-20261123-0413-secrt2').result()).toMatchObject({ exitCode: 3, error: expect.stringContaining('***') });
  });

  it('are not joined by what the container itself was given', async () => {
    const runId = 'local-20261123-0413-secrt3';
    const suite = await world.suite({
      'features/steps.js': `
        import { Given } from '@cucumber/cucumber';
        Given('I look around', function () { this.log(JSON.stringify(Object.entries(process.env))); });`,
      'features/a.feature': 'Feature: a\n  Scenario: looking\n    Given I look around\n',
    });
    world.ssm.putSecret('/coldframe/test/other/ACCOUNT', 'robin');
    await (await world.start({ suite, runId, plan: { secretsPath: '/coldframe/test/other' }, env: { FROM_IMAGE: 'yes' } })).ended;

    const log = world
      .of(runId)
      .messages()
      .find((message) => 'attachment' in message)?.attachment;
    const seen = new Map<string, string>(JSON.parse((log as { body: string }).body));
    expect([...seen.keys()].filter((name) => /^AWS_|^COLDFRAME_(?!PROCESS_)/.test(name))).toEqual([]);
    expect(Object.fromEntries(seen)).toMatchObject({ FROM_IMAGE: 'yes', ACCOUNT: '***', BASE_URL: world.site.url });
  });
});
