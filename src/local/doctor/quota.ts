import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'quota';
/** "Fargate On-Demand vCPU resource count": vCPUs of all tasks of the account in this region. */
const fargate = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' };

/** The account may run as many tasks at once as coldframe.yml allows. */
export async function quota({ aws, catalogue }: Patient): Promise<readonly Finding[]> {
  const { Quota } = await aws.quotas.send(new GetServiceQuotaCommand(fargate));
  const allowed = Quota?.Value ?? 0;
  const sizes = [...catalogue.values()].map(({ vcpu = 2, tasksAtOnce }) => ({ vcpu, all: vcpu * tasksAtOnce }));
  const largest = Math.max(...sizes.map(({ vcpu }) => vcpu));
  const all = sizes.reduce((sum, size) => sum + size.all, 0);
  if (allowed >= all) return [{ kind: 'well', about, says: `${allowed} vCPUs on Fargate; all environments at once take ${all}` }];
  const says =
    allowed < largest
      ? `${allowed} vCPUs on Fargate: not even one task of ${largest} can start`
      : `${allowed} vCPUs on Fargate: all environments at once take ${all}, and what is beyond is refused`;
  const remedy = `ask for more (Service Quotas → Fargate → ${fargate.QuotaCode}), or lower tasksAtOnce in coldframe.yml`;
  return [{ kind: 'ill', about, says, remedy }];
}
