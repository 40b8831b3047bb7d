import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueToJson, parseCatalogueJson, readConfig } from '../src/config.ts';
import { parseCatalogue } from '../src/config-file.ts';

const parsed = parseCatalogue(readFileSync(new URL('../coldframe.yml', import.meta.url), 'utf8'), 'coldframe.yml');
if (parsed.kind === 'invalid') throw new Error('coldframe.yml is not right');
const { catalogue } = parsed;
const json = catalogueToJson(catalogue);

const env = {
  COLDFRAME_STAGE: 'local',
  COLDFRAME_BUCKET: 'coldframe-local-000000000000',
  COLDFRAME_BUS: 'coldframe-local',
  COLDFRAME_CLUSTER: 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local',
  COLDFRAME_SUBNETS: 'subnet-1,subnet-2',
  COLDFRAME_SECURITY_GROUPS: 'sg-1',
  COLDFRAME_PUBLIC_URL: 'http://127.0.0.1:4000/',
  COLDFRAME_TASK_LOG_GROUP: '/coldframe/local/tasks',
  COLDFRAME_CATALOGUE: '/var/task/dist/coldframe.json',
};

describe('readConfig', () => {
  it('gives everything a function must know, and the names of secrets, never secrets', () => {
    expect(readConfig(env, () => json)).toEqual({
      stage: 'local',
      bucket: 'coldframe-local-000000000000',
      bus: 'coldframe-local',
      cluster: 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local',
      taskFamilyPrefix: 'coldframe-local',
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1'],
      assignPublicIp: true,
      publicUrl: 'http://127.0.0.1:4000',
      taskLogGroup: '/coldframe/local/tasks',
      parameters: {
        signingSecret: '/coldframe/local/slack-signing-secret',
        botToken: '/coldframe/local/slack-bot-token',
        linkSecret: '/coldframe/local/link-secret',
      },
      ciKeysPath: '/coldframe/local/ci',
      // The example app is served by the local world, which gives it an address: nowhere else is it offered.
      catalogue: new Map([...catalogue].filter(([name]) => name !== 'local')),
    });
  });

  it('speaks to another Slack, and from private subnets, when it is told to', () => {
    const told = { ...env, COLDFRAME_SLACK_API_URL: 'http://127.0.0.1:4001/api/', COLDFRAME_ASSIGN_PUBLIC_IP: 'DISABLED' };
    expect(readConfig(told, () => json)).toMatchObject({ slackApiUrl: 'http://127.0.0.1:4001/api/', assignPublicIp: false });
  });

  it('complains about everything that is missing at once', () => {
    const noFile = () => {
      throw new Error('ENOENT: no such file');
    };
    let message = '';
    try {
      readConfig({}, noFile);
    } catch (error) {
      message = String(error);
    }
    for (const name of Object.keys(env).filter((name) => name !== 'COLDFRAME_CATALOGUE')) expect(message).toContain(`- ${name} is missing`);
    expect(message).toMatch(/coldframe\.json: cannot be read \(ENOENT: no such file\): run `npm run build`/);
  });

  it.each([
    ['COLDFRAME_STAGE', 'Prod'],
    ['COLDFRAME_BUCKET', 'Not A Bucket'],
    ['COLDFRAME_SUBNETS', 'subnet-1,'],
    ['COLDFRAME_PUBLIC_URL', 'coldframe.example.com'],
    ['COLDFRAME_ASSIGN_PUBLIC_IP', 'true'],
    ['COLDFRAME_SLACK_API_URL', 'slack'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readConfig({ ...env, [name]: value }, () => json)).toThrow(`- ${name} is ${JSON.stringify(value)}: it must be`);
  });

  it('looks for the catalogue beside the bundle unless it is told where it is', () => {
    const asked: string[] = [];
    const readFile = (path: string) => {
      asked.push(path);
      return json;
    };
    readConfig({ ...env, COLDFRAME_CATALOGUE: undefined }, readFile);
    readConfig(env, readFile);
    expect(asked[0]).toMatch(/\/coldframe\.json$/);
    expect(asked[1]).toBe('/var/task/dist/coldframe.json');
  });
});

describe('the catalogue as JSON', () => {
  it('is the catalogue that was written', () => {
    expect(parseCatalogueJson(json, 'coldframe.json')).toEqual({ kind: 'catalogue', catalogue });
  });

  it.each([
    ['', 'is not JSON'],
    ['[]', 'Expected'],
    ['{"version":2,"environments":[]}', 'was written by another version of Coldframe'],
    ['{"version":1,"environments":[]}', 'has no environment'],
    [json.replace('"retry":1', '"retry":6'), 'must be at most 5'],
    [json.replace('"retry":1', '"retrys":1'), 'Expected'],
    [json.replace('"name":"staging"', '"name":"local"'), 'has a name twice'],
    [json.replace('"tasksAtOnce":2', '"tasksAtOnce":0'), 'must be at least 1'],
    [json.replace('suite/staging', 'ci/staging'), 'would hand the keys of CI to the suite'],
    [catalogueToJson(catalogue, undefined, { keys: { merges: ['stagin'] } }), 'names `stagin`, which is no environment of this file'],
    [json.replace('suite/production', 'suite/staging'), 'overlaps with that of `staging`'],
  ])('is refused when it is %.60s', (text, complaint) => {
    const refused = parseCatalogueJson(text, 'coldframe.json');
    if (refused.kind !== 'invalid') throw new Error('it was taken');
    expect(refused.complaints.map(({ message }) => message).join()).toContain(complaint);
  });

  it('never throws, whatever the text', () => {
    const damaged = fc.tuple(fc.nat(json.length), fc.nat(json.length)).map(([from, to]) => json.slice(0, from) + json.slice(to));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), damaged), (text) => {
        expect(['catalogue', 'invalid']).toContain(parseCatalogueJson(text, 'coldframe.json').kind);
      }),
    );
  });
});
