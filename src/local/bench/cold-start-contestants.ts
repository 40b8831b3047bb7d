import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../build.ts';
import { builtinModules } from '../bundle-plugins.ts';
import { readColdframeFile } from '../read-catalogue.ts';
import { readStack } from '../stack/read-stack.ts';
import type { StackFunction } from '../stack/stack.ts';
import { generatedParts } from '../stack/task-resources.ts';
import { deliveredForm } from './delivered-form.ts';
import type { ColdFunction } from './one-cold-start.ts';

/** One function and its first event. */
export interface Contestant extends ColdFunction {
  /** `ours`, `peerButton` */
  readonly name: string;
  /** Made anew for each cold start: Slack signs the time. */
  readonly event: () => object;
  /** How many events it must have handed over when it answers. */
  readonly puts: number;
  readonly isRight: (answer: unknown) => boolean;
}

export interface BenchPlace {
  readonly folder: string;
  readonly region: string;
  readonly account: string;
  readonly signingSecret: string;
  /** Credentials, and where the services are. */
  readonly environment: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const source = (path: string): string => join(root, path);

/** Floor, peer and our functions as they are packaged, each in a folder of its own. */
export async function makeContestants(place: BenchPlace): Promise<readonly Contestant[]> {
  const functions = await stackFunctions(place);
  const http = functions.find(({ name }) => name === 'http');
  if (http === undefined) throw new Error('serverless.yml has no function http');
  const [ours, plain, peer] = [join(place.folder, 'ours'), join(place.folder, 'plain'), join(place.folder, 'peer')];
  await Promise.all([build({ outDir: join(ours, 'dist') }), mkdir(plain, { recursive: true }), mkdir(peer, { recursive: true })]);
  await writePlain(plain);
  await writePeer(peer, plain);

  const door = { memoryMb: http.memoryMb, environment: { ...http.environment, ...place.environment } };
  const is200 = (answer: unknown): boolean =>
    typeof answer === 'object' && answer !== null && 'statusCode' in answer && answer.statusCode === 200;
  const command = { event: () => slashCommand(place.signingSecret), puts: 1, isRight: is200 };
  const button = { event: () => pressedButton(place.signingSecret), puts: 1, isRight: is200 };
  const others = functions.filter(({ name }) => name !== 'http');
  return [
    { name: 'floor', root: plain, handler: 'floor.handler', ...door, ...command, puts: 0 },
    { name: 'floorWithSecret', root: plain, handler: 'with-secret.handler', ...door, ...command, puts: 0 },
    { name: 'peer', root: peer, handler: 'peer.handler', ...door, ...command },
    { name: 'ours', root: ours, handler: http.handler, ...door, ...command },
    { name: 'peerButton', root: peer, handler: 'peer.handler', ...door, ...button },
    { name: 'oursButton', root: ours, handler: http.handler, ...door, ...button },
    ...others.map(({ name, handler, memoryMb, environment }) => ({
      ...{ name, root: ours, handler, memoryMb, puts: 0, isRight: () => true },
      environment: { ...environment, ...place.environment },
      event: () => firstEvents[name] ?? {},
    })),
  ];
}

async function stackFunctions({ account, region }: BenchPlace): Promise<readonly StackFunction[]> {
  const stage = 'local';
  const yaml = await readFile(source('serverless.yml'), 'utf8');
  return readStack(yaml, { stage, account, region, publicUrl: 'http://127.0.0.1:1' }, generatedParts(await readColdframeFile(), stage))
    .functions;
}

/** The least that each of the others is ever asked: they make their clients, and read their secrets, where they would. */
const firstEvents: Readonly<Record<string, object>> = {
  worker: {
    Records: [
      {
        messageId: 'm-1',
        body: JSON.stringify({
          source: 'coldframe.door',
          'detail-type': 'Cancel Requested',
          detail: {
            version: 1,
            environment: 'staging',
            runId: 'staging-20261127-1200-abcdef',
            askedAt: '2026-11-27T12:00:00.000Z',
            asker: { kind: 'slack', userId: 'U0BENCH' },
          },
        }),
      },
    ],
  },
  runStopped: {
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    detail: {
      taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/0123456789abcdef0123456789abcdef',
      taskDefinitionArn: 'arn:aws:ecs:eu-central-1:000000000000:task-definition/coldframe-local-staging:1',
      lastStatus: 'RUNNING',
    },
  },
  sweep: {},
};

/** Handlers that do nothing, and nothing but to read the secret as all of us do. */
async function writePlain(folder: string): Promise<void> {
  await writeFile(join(folder, 'floor.mjs'), 'export const handler = async () => ({ statusCode: 200 });\n');
  await writeFile(
    join(folder, 'with-secret.mjs'),
    "import { readSigningSecret } from './signing-secret.mjs';\nawait readSigningSecret();\nexport const handler = async () => ({ statusCode: 200 });\n",
  );
  await esbuild.build({
    stdin: {
      contents: `import { readAccount } from './src/aws/account.ts';
        import { awsCall, ssm } from './src/aws/aws-call.ts';
        import { quickly } from './src/aws/client-settings.ts';
        import { readSecrets } from './src/aws/secrets.ts';
        export const readSigningSecret = async () =>
          (await readSecrets(awsCall(ssm, { account: readAccount(process.env), patience: quickly }), ['/coldframe/local/slack-signing-secret']))[0];`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile: join(folder, 'signing-secret.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    plugins: [builtinModules],
    logLevel: 'silent',
  });
}

async function writePeer(folder: string, plain: string): Promise<void> {
  await symlink(source('node_modules'), join(folder, 'node_modules'));
  await copyFile(source('src/local/bench/peer.mjs'), join(folder, 'peer.mjs'));
  await copyFile(join(plain, 'signing-secret.mjs'), join(folder, 'signing-secret.mjs'));
}

const slashCommand = (secret: string): object =>
  deliveredForm(secret, {
    ...{ command: '/run-tests', text: 'staging', user_id: 'U0TESTER1', channel_id: 'C0UITESTS', team_id: 'T0LOCAL11' },
    ...{ trigger_id: '1.2.abc', response_url: 'http://127.0.0.1:1/response' },
  });

/** The button "Re-run all" below a run's end. */
const pressedButton = (secret: string): object =>
  deliveredForm(secret, {
    payload: JSON.stringify({
      type: 'block_actions',
      ...{ user: { id: 'U0TESTER1' }, team: { id: 'T0LOCAL11' }, channel: { id: 'C0UITESTS' }, message: { ts: '1795000000.000100' } },
      ...{ container: {}, trigger_id: '1.2.abc', response_url: 'http://127.0.0.1:1/response' },
      actions: [{ type: 'button', action_id: 'run_again', block_id: 'b', value: 'staging', action_ts: '1795000000.000200' }],
    }),
  });
