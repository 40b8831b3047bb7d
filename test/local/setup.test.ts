import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type WriteCiKeys, writeCiKeys } from '../../src/local/setup/ci-keys.ts';
import { imageCommands } from '../../src/local/setup/image.ts';
import { manifestFor } from '../../src/local/setup/manifest.ts';
import { type WriteParameters, writeParameters } from '../../src/local/setup/parameters.ts';
import { permissionChanges } from '../../src/local/setup/permissions.ts';
import { type LocalSsm, startSsm } from '../../src/local/ssm/ssm.ts';

describe('setup parameters', () => {
  const dir = mkdtempSync(join(tmpdir(), 'coldframe-setup-'));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const place = { account: '000000000000', region: 'eu-central-1' };
  let ssm: LocalSsm;
  let client: SSMClient;
  beforeAll(async () => {
    ssm = await startSsm({ ...place, file: join(dir, 'ssm.json'), journal: () => {}, credentials: [credentials] });
    client = new SSMClient({ endpoint: ssm.url, region: place.region, credentials });
  });
  afterAll(async () => {
    await ssm.stop();
    rmSync(dir, { recursive: true });
  });

  const signing = '0123456789abcdef0123456789abcdef';
  const token = 'xoxb-1234567890-abcdef';
  const of = (stage: string) =>
    ['slack-signing-secret', 'slack-bot-token', 'link-secret'].map((name) => ssm.valueOf(`/coldframe/${stage}/${name}`));

  async function write(stage: string, more: Partial<WriteParameters> = {}): Promise<string> {
    const said: string[] = [];
    const askFor = async (question: string) => (question.startsWith('slack-bot-token') ? token : signing);
    await writeParameters({ stage, client, replace: [], isDryRun: false, env: {}, askFor, say: (line) => said.push(line), ...more });
    return said.join('\n');
  }

  it('asks for what Slack shows, makes what it does not, and says no value', async () => {
    const said = await write('one');
    expect(of('one')).toEqual([signing, token, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(said).toMatch(/wrote \/coldframe\/one\/slack-signing-secret\nwrote .*bot-token\nwrote .*link-secret/);
    expect(said).not.toMatch(/xoxb|0123456789abcdef/);
  });

  it('said again writes nothing and asks nothing', async () => {
    await write('two');
    const before = of('two');
    const askFor = async () => expect.unreachable('nothing is missing');
    expect(await write('two', { askFor })).toMatch(/is there and stays \(--replace link-secret changes it\)/);
    expect(of('two')).toEqual(before);
  });

  it('rotates what it is told to, and nothing else', async () => {
    await write('three');
    const [before, , link] = of('three');
    await write('three', { replace: ['slack-bot-token'], env: { SLACK_BOT_TOKEN: `${token}new` } });
    expect(of('three')).toEqual([before, `${token}new`, link]);
  });

  it('writes nothing at all when one of them does not look right, and does not show it', async () => {
    const failing = write('four', { env: { SLACK_SIGNING_SECRET: signing, SLACK_BOT_TOKEN: 'xoxp-a-persons-token' } });
    await expect(failing).rejects.toThrow(/slack-bot-token does not look like one.*Nothing was written/);
    await expect(failing).rejects.not.toThrow(/persons/);
    expect(of('four')).toEqual([undefined, undefined, undefined]);
  });

  it('dry writes nothing', async () => {
    expect(await write('five', { isDryRun: true })).toContain('would write /coldframe/five/slack-bot-token');
    expect(of('five')).toEqual([undefined, undefined, undefined]);
  });

  describe('ci-key', () => {
    const keyOf = (stage: string, id: string) => ssm.valueOf(`/coldframe/${stage}/ci/${id}`);
    async function writeKeys(stage: string, more: Partial<WriteCiKeys> = {}): Promise<string> {
      const said: string[] = [];
      const known = ['merges', 'nightly'];
      const asked = { stage, client, region: place.region, known, asked: [], replace: [], isDryRun: false };
      await writeCiKeys({ ...asked, say: (line) => said.push(line), ...more });
      return said.join('\n');
    }

    it('makes what is missing, and says how to give it to the CI, never what it is', async () => {
      const said = await writeKeys('seven');
      const [merges = '', nightly = ''] = [keyOf('seven', 'merges'), keyOf('seven', 'nightly')];
      expect([merges, nightly]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(merges).not.toBe(nightly);
      expect(said).toMatch(
        /wrote \/coldframe\/seven\/ci\/merges.*COLDFRAME_KEY_ID=merges.*\n.*get-parameter .*gh secret set COLDFRAME_KEY/,
      );
      expect(said).not.toMatch(/[0-9a-f]{32}/);
      expect(await writeKeys('seven')).toContain('/coldframe/seven/ci/merges is there and stays (--replace merges changes it)');
      expect(keyOf('seven', 'merges')).toBe(merges);
    });

    it('writes the one that is named, and anew when it is told so', async () => {
      await writeKeys('eight', { asked: ['merges'] });
      const before = keyOf('eight', 'merges');
      expect(keyOf('eight', 'nightly')).toBeUndefined();
      await writeKeys('eight', { asked: ['merges'], replace: ['merges'] });
      expect([before, keyOf('eight', 'merges')]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.not.stringMatching(before ?? ''),
      ]);
    });

    it('writes nothing for a key that coldframe.yml does not know, and nothing when dry', async () => {
      await expect(writeKeys('nine', { asked: ['merge'] })).rejects.toThrow('knows no key merge: add it to ci.keys');
      expect(await writeKeys('nine', { isDryRun: true })).toContain('would write /coldframe/nine/ci/merges');
      expect([keyOf('nine', 'merges'), keyOf('nine', 'nightly')]).toEqual([undefined, undefined]);
    });
  });

  it('refuses to replace what is none of the secrets', async () => {
    await expect(write('six', { replace: ['bot'] })).rejects.toThrow('--replace takes slack-signing-secret, slack-bot-token, link-secret');
  });
});

it("setup manifest: every address is the stack's own, and it is still a manifest", async () => {
  const text = await manifestFor('https://abc.execute-api.eu-central-1.amazonaws.com/');
  expect(text).not.toContain('example.com');
  const { features, settings } = parse(text);
  const urls = [...features.slash_commands.map(({ url }: { url: string }) => url), settings.interactivity.request_url];
  expect(new Set(urls)).toEqual(new Set(['https://abc.execute-api.eu-central-1.amazonaws.com/slack/events']));
});

describe('deploy shows', () => {
  const reports = ['$', '{Bucket.Arn}/reports/*'].join('');
  const roleWith = (...Statement: readonly object[]) => ({
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket' },
      HttpRole: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } },
    },
  });
  const read = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [{ 'Fn::Sub': reports }] };
  const put = { Effect: 'Allow', Action: 'events:PutEvents', Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] }, Condition: { Null: { a: 'b' } } };

  it.each([
    ['what is new', [read], [read, put], ['+ HttpRole: events:PutEvents on Bus.Arn when {"Null":{"a":"b"}}']],
    ['what is gone', [read, put], [put], [`- HttpRole: s3:GetObject on ${reports}`]],
    [
      'a condition that was dropped',
      [put],
      [{ ...put, Condition: undefined }],
      ['+ HttpRole: events:PutEvents on Bus.Arn', expect.stringMatching(/^- .* when /)],
    ],
    ['nothing when nothing changes', [read, put], [put, read], []],
  ])('%s', (_, before, after, lines) => expect(permissionChanges(roleWith(...before), roleWith(...after))).toEqual(lines));

  it('everything at the first time', () => {
    expect(permissionChanges(undefined, roleWith(read))).toEqual([`+ HttpRole: s3:GetObject on ${reports}`]);
  });
});

it("setup image copies another stage's image by its digest, never by a name that may have moved", () => {
  const from = { stage: 'staging', digest: 'sha256:abc' };
  const [, ...commands] = imageCommands({ stage: 'prod', region: 'eu-central-1', account: '123456789012', from });
  const registry = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
  expect(commands).toEqual([
    `docker pull ${registry}/coldframe-staging@sha256:abc`,
    `docker tag ${registry}/coldframe-staging@sha256:abc ${registry}/coldframe-prod:latest`,
    `docker push ${registry}/coldframe-prod:latest`,
  ]);
});
