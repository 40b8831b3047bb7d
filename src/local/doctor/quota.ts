import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import type { Environment } from '../../run/catalogue.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'quota';
type Capacity = NonNullable<Environment['capacity']>;
/** "Fargate On-Demand vCPU resource count" and "Fargate Spot vCPU resource count": vCPUs of all tasks of the account in this region. */
const quotas: Readonly<Record<Capacity, { readonly code: string; readonly pool: string }>> = {
  'on-demand': { code: 'L-3032A538', pool: 'Fargate' },
  spot: { code: 'L-36FBB829', pool: 'Fargate Spot' },
};

/** The account may run as many tasks at once as coldframe.yml allows, on demand and, where it asks for that, on Spot. */
export async function quota({ aws, catalogue }: Patient): Promise<readonly Finding[]> {
  const byCapacity = Map.groupBy(catalogue.values(), ({ capacity = 'on-demand' }) => capacity);
  return await Promise.all([...byCapacity].map(async ([capacity, environments]) => await examine(capacity, environments, aws)));
}

async function examine(capacity: Capacity, environments: readonly Environment[], { quotas: client }: Patient['aws']): Promise<Finding> {
  const { code, pool } = quotas[capacity];
  const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'fargate', QuotaCode: code }));
  const allowed = Quota?.Value ?? 0;
  const sizes = environments.map(({ vcpu = 2, tasksAtOnce }) => ({ vcpu, all: vcpu * tasksAtOnce }));
  const largest = Math.max(...sizes.map(({ vcpu }) => vcpu));
  const all = sizes.reduce((sum, size) => sum + size.all, 0);
  if (allowed >= all) return { kind: 'well', about, says: `${allowed} vCPUs on ${pool}; all environments at once take ${all}` };
  const says =
    allowed < largest
      ? `${allowed} vCPUs on ${pool}: not even one task of ${largest} can start`
      : `${allowed} vCPUs on ${pool}: all environments at once take ${all}, and what is beyond is refused`;
  const remedy = `ask for more (Service Quotas → Fargate → ${code}), or lower tasksAtOnce in coldframe.yml`;
  return { kind: 'ill', about, says, remedy };
}
