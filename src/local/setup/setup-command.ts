import { parseArgs } from 'node:util';
import { BatchGetImageCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { patiently } from '../../aws/client-settings.ts';
import { stagePattern } from '../../config.ts';
import { doctorCommand } from '../doctor/doctor-command.ts';
import { readDeployment } from '../doctor/patient.ts';
import { readColdframeFile } from '../read-catalogue.ts';
import { ask, isAgreed } from './ask.ts';
import { writeCiKeys } from './ci-keys.ts';
import { deploy } from './deploy.ts';
import { imageCommands } from './image.ts';
import { clicks, manifestFor } from './manifest.ts';
import { writeParameters } from './parameters.ts';

const usage = `npm run coldframe -- setup --stage prod      from a clone to a running Coldframe, one step after the other:
  setup deploy               builds, shows the permissions, asks, deploys
  setup manifest             prints the Slack app's manifest with the real address, and what to click
  setup parameters           writes the secrets that are not there yet: asks for them, or takes SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN
  setup ci-key merges        makes the secret of a key of coldframe.yml (ci.keys) and says how to give it to the CI; without an id: of each
  setup image                prints the commands that build and push the image
npm run coldframe -- deploy --stage prod --from staging     deploys the very code that staging runs, and says how to copy its image

  --region eu-central-1      default: what AWS_REGION says, or eu-central-1
  --param vpc=vpc-1          for serverless.yml: vpc, subnets, assignPublicIp, alarms, alarmTopic; may be repeated
  --replace slack-bot-token  writes a parameter or a CI's key anew: to rotate it; may be repeated
  --url https://…            the address for the manifest; left out: that of the deployed stage
  --yes                      asks no question but for secrets
  --dry-run                  says what it would do, and writes nothing

Each step can be taken alone and again. The credentials are those that AWS's own tools use.`;

const options = {
  stage: { type: 'string' },
  region: { type: 'string' },
  from: { type: 'string' },
  param: { type: 'string', multiple: true },
  replace: { type: 'string', multiple: true },
  url: { type: 'string' },
  yes: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Setup {
  readonly stage: string;
  readonly region: string;
  readonly from: string | undefined;
  readonly params: readonly string[];
  readonly replace: readonly string[];
  readonly url: string | undefined;
  readonly isDryRun: boolean;
  readonly isAgreed: (question: string) => Promise<boolean>;
}

const say = (line: string): void => console.log(line);

/** `setup`: all steps, or the one that is named. Gives the exit code: 0 done, 1 something is left to do. */
export async function setupCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help === true) {
    say(usage);
    return 0;
  }
  const { stage } = values;
  if (stage === undefined || !stagePattern.test(stage))
    throw new Error(`--stage is missing, or is no name for one: at most 20 lower case letters, digits and -.\n\n${usage}`);
  const region = values.region ?? process.env.AWS_REGION ?? 'eu-central-1';
  // For every client that is made from now on.
  process.env.AWS_REGION = region;
  const setup: Setup = {
    stage,
    region,
    from: values.from,
    params: values.param ?? [],
    replace: values.replace ?? [],
    url: values.url,
    isDryRun: values['dry-run'] === true,
    isAgreed: values.yes === true ? async () => true : isAgreed,
  };
  const [step, ...others] = positionals;
  if (step === 'ci-key') return await ciKeyStep(setup, others);
  if (others.length > 0) throw new Error(`One step at a time, or none for all.\n\n${usage}`);
  switch (step) {
    case undefined:
      return await allSteps(setup);
    case 'deploy':
      return await deployStep(setup);
    case 'manifest':
      return await manifestStep(setup);
    case 'parameters':
      return await parametersStep(setup);
    case 'image':
      return await imageStep(setup);
    default:
      throw new Error(`There is no step ${step}.\n\n${usage}`);
  }
}

/** Until one is left to somebody. */
async function allSteps(setup: Setup): Promise<number> {
  const ciKeysStep = (all: Setup): Promise<number> => ciKeyStep({ ...all, replace: [] }, []);
  for (const step of [deployStep, manifestStep, parametersStep, ciKeysStep, imageStep]) {
    const code = await step(setup);
    if (code !== 0) return code;
    say('');
    if (step === imageStep || setup.isDryRun) continue;
    if (!(await setup.isAgreed('Go on?'))) return 1;
  }
  return setup.isDryRun ? 0 : await doctorCommand(['--stage', setup.stage, '--region', setup.region]);
}

async function deployStep(setup: Setup): Promise<number> {
  const isDone = await deploy({ ...setup, say });
  if (isDone && setup.from !== undefined) return await imageStep(setup);
  return isDone || setup.isDryRun ? 0 : 1;
}

async function manifestStep({ stage, url, isDryRun }: Setup): Promise<number> {
  const address = url ?? (isDryRun ? 'https://coldframe.example.com' : await deployedAddress(stage));
  say(await manifestFor(address));
  for (const click of clicks(stage)) say(click);
  return 0;
}

async function deployedAddress(stage: string): Promise<string> {
  const deployment = await readDeployment(stage, { lambda: new LambdaClient(patiently) });
  if (deployment.kind === 'deployed') return deployment.config.publicUrl;
  throw new Error(
    `The stage ${stage} is not deployed in ${process.env.AWS_REGION}: take the step deploy first, or name an address with --url.`,
  );
}

async function parametersStep({ stage, replace, isDryRun }: Setup): Promise<number> {
  const askFor = (question: string): Promise<string> => ask(question, { isSecret: true });
  await writeParameters({ stage, client: new SSMClient(patiently), replace, isDryRun, env: process.env, askFor, say });
  return 0;
}

/** The keys that are named; none: all of coldframe.yml that are not there yet. */
async function ciKeyStep({ stage, region, replace, isDryRun }: Setup, asked: readonly string[]): Promise<number> {
  const known = Object.keys((await readColdframeFile()).ci?.keys ?? {});
  await writeCiKeys({ stage, region, client: new SSMClient(patiently), known, asked, replace, isDryRun, say });
  return 0;
}

async function imageStep({ stage, region, from, isDryRun }: Setup): Promise<number> {
  const ecr = new ECRClient(patiently);
  const account = isDryRun ? '<account>' : await registryOf(`coldframe-${stage}`, ecr);
  const copied = from === undefined ? undefined : { stage: from, digest: isDryRun ? '<digest>' : await digestOf(`coldframe-${from}`, ecr) };
  say(copied === undefined ? 'Build the image and push it:' : `Copy the image of ${copied.stage}, by its digest:`);
  for (const command of imageCommands({ stage, region, account, from: copied })) say(`  ${command}`);
  return 0;
}

async function registryOf(repository: string, ecr: ECRClient): Promise<string> {
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
  const account = repositories[0]?.registryId;
  if (account === undefined) throw new Error(`ECR did not say whose the repository ${repository} is`);
  return account;
}

async function digestOf(repositoryName: string, ecr: ECRClient): Promise<string> {
  const { images = [] } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'latest' }] }));
  const digest = images[0]?.imageId?.imageDigest;
  if (digest === undefined) throw new Error(`${repositoryName} has no image latest to copy`);
  return digest;
}
