import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogueToJson } from '../../src/config.ts';
import { parseCatalogue } from '../../src/config-file.ts';

/** What nobody may find in an answer, a log or a message. */
export const secrets = {
  signing: 'fuzz-signing-secret-7hQzPq',
  bot: 'xoxb-fuzz-bot-token-9KxWvz',
  links: 'fuzz-link-secret-Vb2nMk4c',
  ci: 'fuzz-ci-secret-Lw8sRt5y',
  responseUrl: 'FuzzResponseUrlPart3Jd',
  triggerId: '123456789012.987654321098.abcdef0123456789abcdef',
} as const;

export const publicUrl = 'https://bot.example.com';
export const stage = 'fuzz';
export const ciKey = 'merges';

/** One environment is open, one asks first and lets only some in. */
export const catalogueText = `environments:
  staging:
    url: https://staging.example.com
    channel: C0STAGING1
    tags: not @broken
    retry: 1
    limit: 10m
    tasksAtOnce: 2
    refs: [main, release/*]
    suite:
      repository: https://github.com/example/ui-tests.git
  prod:
    url: https://www.example.com
    channel: C0PROD1234
    confirm: true
    allow:
      users: [U0ADA12345]
      userGroups: [S0TESTERS1]
      channels: [C0PROD1234]
    limit: 20m
coldStarts:
  functions: [shop-]
  channels:
    C0STAGING1: { alert: true }
ci:
  keys:
    ${ciKey}: [staging]
  oidc:
    issuer: https://token.actions.githubusercontent.com
    audience: coldframe
    trust:
      - claims: { repository: example/shop, ref: refs/heads/main }
        environments: [staging]
`;

/** Sets what the functions read of their environment, before they are loaded. */
export function setPlace(): void {
  const parsed = parseCatalogue(catalogueText, 'coldframe.yml');
  if (parsed.kind === 'invalid') throw new Error(`the catalogue of the fuzzer is wrong: ${JSON.stringify(parsed.complaints)}`);
  const dir = mkdtempSync(join(tmpdir(), 'coldframe-fuzz-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const catalogue = join(dir, 'coldframe.json');
  writeFileSync(catalogue, catalogueToJson(parsed.catalogue, parsed.coldStarts, parsed.ci));
  Object.assign(process.env, {
    COLDFRAME_STAGE: stage,
    COLDFRAME_BUCKET: 'coldframe-fuzz',
    COLDFRAME_BUS: 'coldframe-fuzz',
    COLDFRAME_CLUSTER: 'coldframe-fuzz',
    COLDFRAME_SUBNETS: 'subnet-1',
    COLDFRAME_SECURITY_GROUPS: 'sg-1',
    COLDFRAME_PUBLIC_URL: publicUrl,
    COLDFRAME_TASK_LOG_GROUP: 'tasks',
    COLDFRAME_SCHEDULE_GROUP: 'coldframe-fuzz',
    COLDFRAME_SCHEDULE_BUS: 'arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-fuzz',
    COLDFRAME_SCHEDULE_ROLE: 'arn:aws:iam::000000000000:role/ScheduleRole',
    COLDFRAME_SCHEDULE_DEAD_LETTERS: 'arn:aws:sqs:eu-central-1:000000000000:coldframe-fuzz-dlq',
    COLDFRAME_CATALOGUE: catalogue,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'fuzz',
    AWS_SECRET_ACCESS_KEY: 'fuzz',
  });
}
