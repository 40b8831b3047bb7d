import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../../app/log.ts';
import { stagePattern } from '../../config.ts';
import { readColdframeFile } from '../read-catalogue.ts';
import { readSlackApp } from '../slack/slack-app.ts';
import { examine } from './examine.ts';
import { type Finding, findingText } from './finding.ts';
import { awsClients, type Patient, readDeployment } from './patient.ts';

const usage = `npm run coldframe -- doctor --stage prod      looks at a deployment, and says what to do about what it finds
  --region eu-central-1      where it is deployed (default: what AWS_REGION says, or eu-central-1)
  --local                    instead: at a local world that is started for it

It uses the credentials that AWS's own tools use, and changes nothing. Exit code: 0 all is well, 1 something is not,
2 something could not be looked at.`;

/** `doctor`: looks at a deployment. Gives the exit code: 0 all is well, 1 something is not, 2 something could not be looked at. */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      local: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  if (values.local === true) return await examineLocal();
  const { stage } = values;
  if (stage === undefined || !stagePattern.test(stage)) throw new Error(`--stage is missing, or is none of ours.\n\n${usage}`);
  process.env.AWS_REGION = values.region ?? process.env.AWS_REGION ?? 'eu-central-1';
  const { catalogue, coldStarts, ci } = await readColdframeFile();
  const deployed = new Map([...catalogue].filter(([, { url }]) => url !== 'example'));
  return await tell({ stage, catalogue: deployed, coldStarts, ci });
}

/** A world of its own, in which everything should be well. */
async function examineLocal(): Promise<number> {
  const { startWorld } = await import('../world.ts');
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-doctor-'));
  const world = await startWorld({ dir, port: 0 });
  try {
    Object.assign(process.env, world.awsEnvironment);
    const catalogue = new Map([...world.catalogue].filter(([, { url }]) => url === world.appUrl));
    const { ci } = await readColdframeFile();
    return await tell({ stage: 'local', catalogue, ci });
  } finally {
    await world.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function tell(asked: Pick<Patient, 'stage' | 'catalogue' | 'coldStarts' | 'ci'>): Promise<number> {
  const { stage } = asked;
  const aws = awsClients();
  const [deployment, { scopes }] = await Promise.all([deploymentOf(stage, aws), readSlackApp()]);
  if (deployment.kind === 'absent') {
    const says = `not deployed in ${process.env.AWS_REGION}: there is no function ${deployment.missing.join(', ')}`;
    console.log(findingText({ kind: 'ill', about: 'stage', says, remedy: `npm run coldframe -- setup deploy --stage ${stage}` }));
    return 1;
  }
  const found: Finding['kind'][] = [];
  const patient = { ...asked, ...deployment, scopes, aws, nowMs: Date.now, patienceMs: 60_000 };
  for await (const finding of examine(patient)) {
    found.push(finding.kind);
    console.log(findingText(finding));
  }
  const count = (kind: Finding['kind']): number => found.filter((one) => one === kind).length;
  console.log(`\n${count('well')} well, ${count('ill')} to mend, ${count('unseen')} not looked at`);
  if (count('ill') > 0) return 1;
  return count('unseen') > 0 ? 2 : 0;
}

async function deploymentOf(stage: string, aws: Patient['aws']) {
  try {
    return await readDeployment(stage, aws);
  } catch (error) {
    throw new Error(
      `AWS did not say what is deployed as ${stage}: ${errorText(error)}. Look at your credentials: aws sts get-caller-identity`,
      {
        cause: error,
      },
    );
  }
}
