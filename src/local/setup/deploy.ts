import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { patiently } from '../../aws/client-settings.ts';
import { build } from '../build.ts';
import { permissionChanges } from './permissions.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const osls = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');
const functionKeys = ['http', 'worker', 'runStopped', 'sweep'];

export interface Deploy {
  readonly stage: string;
  readonly region: string;
  /** The stage whose very code is to be deployed. */
  readonly from?: string | undefined;
  /** `vpc=vpc-1` and the like, for serverless.yml. */
  readonly params: readonly string[];
  /** Packages, offline and without credentials, and deploys nothing. */
  readonly isDryRun: boolean;
  readonly isAgreed: (question: string) => Promise<boolean>;
  readonly say: (line: string) => void;
}

/**
 * Builds, packages, shows what changes in permissions, asks, deploys. Gives whether it deployed.
 *
 * @throws when this folder's code is not what `from` runs
 */
export async function deploy(asked: Deploy): Promise<boolean> {
  // Not below .serverless: osls copies that whole folder into the other one.
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-deploy-'));
  try {
    return await deployFrom(folder, asked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function deployFrom(folder: string, { stage, region, from, params, isDryRun, isAgreed, say }: Deploy): Promise<boolean> {
  const options = ['--stage', stage, '--region', region, ...params.map((param) => `--param=${param}`)];
  say(`Building and packaging for ${stage} …`);
  await build();
  await runOsls(['package', '--package', folder, ...options]);
  const packaged: unknown = JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
  if (isDryRun) {
    say('These permissions it would ask for (what is deployed was not looked at):');
    for (const line of permissionChanges(undefined, packaged)) say(line);
    say(`Would deploy, as this does: npx osls deploy ${options.join(' ')}`);
    return false;
  }
  if (from !== undefined) await mustBeTheCodeOf(from, { region, folder });
  const deployed = await deployedTemplate(`coldframe-${stage}`, region);
  const changes = permissionChanges(deployed, packaged);
  say(
    changes.length === 0
      ? 'Permissions stay as they are.'
      : `Permissions change${deployed === undefined ? ' (nothing is deployed yet)' : ''}:`,
  );
  for (const line of changes) say(line);
  if (!(await isAgreed(`Deploy to ${stage} in ${region}?`))) {
    say('Nothing was deployed.');
    return false;
  }
  await runOsls(['deploy', '--package', folder, ...options]);
  return true;
}

/** Promotion: the bytes are compared, not a name for them. */
async function mustBeTheCodeOf(stage: string, { region, folder }: { readonly region: string; readonly folder: string }): Promise<void> {
  const lambda = new LambdaClient({ ...patiently, region });
  const others: string[] = [];
  for (const key of functionKeys) {
    const FunctionName = `coldframe-${stage}-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const { CodeSha256 } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const ours = createHash('sha256')
      .update(await readFile(join(folder, `${key}.zip`)))
      .digest('base64');
    if (CodeSha256 !== ours) others.push(FunctionName);
  }
  if (others.length > 0)
    throw new Error(
      `This folder's code is not what ${stage} runs (${others.join(', ')} differ): check out the commit that was deployed there, with its coldframe.yml, and run npm ci.`,
    );
}

/** Undefined: there is no such stack yet. */
async function deployedTemplate(StackName: string, region: string): Promise<unknown> {
  const client = new CloudFormationClient({ ...patiently, region });
  try {
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName }));
    return TemplateBody === undefined ? undefined : JSON.parse(TemplateBody);
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

async function runOsls(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [osls, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
  });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`osls ${args[0]} ended with ${code}: what it said stands above. Nothing else was done.`);
}
