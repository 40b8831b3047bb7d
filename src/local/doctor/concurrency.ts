import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'concurrency';
/** What a new account has in all; with less, the queue's five workers leave the door too little. */
const enough = 10;

/** Functions may run: as many as there must be at once, and none is switched off. */
export async function concurrency({ aws, functionNames }: Patient): Promise<readonly Finding[]> {
  const { AccountLimit } = await aws.lambda.send(new GetAccountSettingsCommand());
  const free = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const remedy = 'release reserved concurrency of other functions, or ask for more (Service Quotas → Lambda → Concurrent executions)';
  const account: Finding =
    free >= enough
      ? { kind: 'well', about, says: `${free} functions may run at once` }
      : { kind: 'ill', about, says: `only ${free} functions may run at once: Slack will find the door shut now and then`, remedy };
  return [account, ...(await Promise.all(functionNames.map((name) => switchedOff(name, aws)))).flat()];
}

async function switchedOff(name: string, { lambda }: Patient['aws']): Promise<readonly Finding[]> {
  const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name }));
  if (ReservedConcurrentExecutions !== 0) return [];
  const remedy = `aws lambda delete-function-concurrency --function-name ${name}`;
  return [{ kind: 'ill', about, says: `${name} is switched off: its reserved concurrency is 0`, remedy }];
}
