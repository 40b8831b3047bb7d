import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../../src/local/doctor/examine.ts';
import { type Finding, findingText } from '../../src/local/doctor/finding.ts';
import { awsClients, type Patient, readDeployment } from '../../src/local/doctor/patient.ts';
import { readColdframeFile } from '../../src/local/read-catalogue.ts';
import { readSlackApp } from '../../src/local/slack/slack-app.ts';
import type { Environment } from '../../src/run/catalogue.ts';
import { someOf } from '../every-row.ts';
import { aPlainWorld } from '../journey/a-plain-world.ts';
import type { AWorld } from '../journey/a-world.ts';

let world: AWorld;
let patient: Patient;

beforeAll(async () => {
  world = await aPlainWorld();
  Object.assign(process.env, world.awsEnvironment);
  const aws = awsClients();
  const deployment = await readDeployment('local', aws);
  if (deployment.kind === 'absent') throw new Error(`not there: ${deployment.missing}`);
  const [{ scopes }, { ci }] = [await readSlackApp(), await readColdframeFile()];
  // The healthy one is waited for as long as it takes.
  patient = { stage: 'local', ...deployment, catalogue: ours(), ci, scopes, aws, nowMs: Date.now, patienceMs: 60_000 };
});
afterAll(async () => await world?.end());

/** The environment that the local world really has, changed. */
function ours(change: Partial<Environment> = {}): Patient['catalogue'] {
  const local = world.catalogue.get('local');
  if (local === undefined) throw new Error('the local world has no environment `local`');
  return new Map([['local', { ...local, ...change }]]);
}

async function findings(changed: Partial<Patient> = {}): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for await (const finding of examine({ ...patient, ...changed })) found.push(finding);
  return found;
}

const token = '/coldframe/local/slack-bot-token';
const allWell = [
  'channel',
  'ci',
  'clock',
  'concurrency',
  'delivery',
  'door',
  'image',
  'network',
  'parameters',
  'quota',
  'rules',
  'scopes',
  'slack',
];

it('finds nothing to mend where all is well, and has looked at everything', async () => {
  const found = await findings();
  expect(found.filter(({ kind }) => kind !== 'well')).toEqual([]);
  expect([...new Set(found.map(({ about }) => about))].toSorted()).toEqual([...allWell, 'suite'].toSorted());
});

type Planted = { readonly changed?: Partial<Patient>; readonly undo?: () => void };
type Fault = readonly [fault: string, plant: () => Planted, finds: readonly RegExp[]];

/** Puts something into the account; undone by putting back what was there. */
function inAccount(facts: Parameters<AWorld['account']['change']>[0]): Planted {
  const before = world.account.change(facts);
  return { undo: () => void world.account.change(before) };
}

/** Changes, adds or takes away a parameter, and puts back what was there. */
function parameter(name: string, value: string | undefined): Planted {
  const before = world.ssm.valueOf(name);
  const put = (one: string | undefined) => (one === undefined ? world.ssm.remove(name) : world.ssm.putSecret(name, one));
  put(value);
  return { undo: () => put(before) };
}

const faults: readonly Fault[] = [
  [
    'a parameter is missing',
    () => parameter(token, undefined),
    [/^✗ parameters .*no parameter \/coldframe\/local\/slack-bot-token\n.*setup parameters/],
  ],
  [
    'the token was revoked',
    () => parameter(token, 'xoxb-other'),
    [/^✗ slack .*refuses the token .*: invalid_auth\n.*install the app again/],
  ],
  [
    'the manifest asks for more than was granted',
    () => ({ changed: { scopes: [...patient.scopes, 'users:read'] } }),
    [/^✗ scopes .*asks for users:read, which Slack has not granted\n/],
  ],
  [
    'the bot is not in a channel',
    () => ({ changed: { catalogue: ours({ channel: 'C0DEV' }) } }),
    [/^✗ channel .*not in C0DEV.*\n.*\/invite @/],
  ],
  ['a channel is misspelt', () => ({ changed: { catalogue: ours({ channel: 'C0NOWHERE' }) } }), [/^✗ channel .*no channel C0NOWHERE/]],
  [
    'a suite has no secrets',
    () => ({ changed: { catalogue: ours({ secretsPath: '/coldframe/local/suite/none' }) } }),
    [/^✗ suite .*no parameter below \/coldframe\/local\/suite\/none/],
  ],
  [
    'the key of a CI has no secret',
    () => parameter('/coldframe/local/ci/merges', undefined),
    [/^✗ ci .*no parameter \/coldframe\/local\/ci\/merges: .*\n.*setup ci-key merges --stage local$/],
  ],
  [
    'the secret of a CI is short',
    () => parameter('/coldframe/local/ci/merges', 'sesame'),
    [/^✗ ci .*ci\/merges has 6 characters: it may be guessed\n.*setup ci-key merges --stage local --replace merges/],
  ],
  [
    'there is a key that nobody knows',
    () => parameter('/coldframe/local/ci/nightly', 'a'.repeat(64)),
    [/^✗ ci .*ci\/nightly, a key that coldframe\.yml does not know.*\n.*delete-parameter --name \/coldframe\/local\/ci\/nightly/],
  ],
  ['nobody has pushed an image', () => inAccount({ image: undefined }), [/^✗ image .*no image latest: no task can start\n.*setup image/]],
  [
    'the image is for another processor',
    () => inAccount({ image: { architecture: 'arm64' } }),
    [/^✗ image .*is for arm64; tasks run on amd64\n/],
  ],
  [
    'a subnet has no way out',
    () => inAccount({ subnets: patient.config.subnets.map((id, index) => ({ id, hasWayOut: index > 0 })) }),
    [/^✗ network .*subnet-subneta has no route out/],
  ],
  ['not even one task may start', () => inAccount({ fargateVcpus: 1 }), [/^✗ quota .*not even one task of 2 can start\n.*Service Quotas/]],
  [
    'Spot is asked for, and its quota has no room for it',
    () => ({ changed: { catalogue: ours({ capacity: 'spot', tasksAtOnce: 3 }) }, ...inAccount({ fargateVcpus: 0, spotVcpus: 4 }) }),
    [/^✗ quota .*4 vCPUs on Fargate Spot: all environments at once take 6.*\n.*L-36FBB829/],
  ],
  [
    'others have reserved the concurrency',
    () => inAccount({ reserved: { other: 995 } }),
    [/^✗ concurrency .*only 5 functions may run at once/],
  ],
  [
    'a function is switched off',
    () => inAccount({ reserved: { 'coldframe-local-sweep': 0 } }),
    [/^✗ concurrency .*coldframe-local-sweep is switched off.*\n.*delete-function-concurrency/],
  ],
  ['the clock is wrong', () => ({ changed: { nowMs: () => Date.now() + 600_000 } }), [/^✗ clock .*6\d\d s ahead of AWS's/]],
  [
    'the rule that carries requests is disabled',
    () => ({ changed: { patienceMs: 0 }, undo: world.events.disable('coldframe-local-requests') }),
    [/^✗ rules .*coldframe-local-requests is disabled.*\n.*enable-rule/, /^✗ delivery .*the worker's log does not say that it came/],
  ],
];

it.each(someOf(faults, 2))('finds that %s, and nothing else', async (_, plant, finds) => {
  const { changed, undo } = plant();
  try {
    const told = (await findings(changed)).filter(({ kind }) => kind !== 'well').map(findingText);
    expect(told).toEqual(finds.map((pattern) => expect.stringMatching(pattern)));
  } finally {
    undo?.();
  }
});

it('finds that nothing is deployed as another stage', async () => {
  const missing = ['http', 'worker', 'run-stopped', 'sweep'].map((name) => `coldframe-other-${name}`);
  expect(await readDeployment('other', patient.aws)).toEqual({ kind: 'absent', missing });
});
