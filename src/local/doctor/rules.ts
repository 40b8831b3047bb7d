import { DescribeRuleCommand, ResourceNotFoundException } from '@aws-sdk/client-eventbridge';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'rules';

/** Every rule that carries our events is there and enabled. */
export async function rules({ aws, config, stage }: Patient): Promise<readonly Finding[]> {
  const carried = [
    { name: 'requests', bus: config.bus, carries: 'what people ask for' },
    { name: 'stopped', carries: 'that a task has stopped' },
    { name: 'progress', carries: 'how runs are going' },
    { name: 'clock', carries: 'when digests and alerts of cold starts are due' },
    { name: 'sweep', carries: 'the sweeper, every five minutes' },
  ];
  const found = await Promise.all(
    carried.map(async ({ name, bus, carries }) => {
      const rule = `coldframe-${stage}-${name}`;
      const on = bus === undefined ? {} : { EventBusName: bus };
      const state = await stateOf({ Name: rule, ...on }, aws);
      return { rule, carries, state, bus };
    }),
  );
  const ill = found.flatMap(({ rule, carries, state, bus }): Finding[] => {
    if (state?.startsWith('ENABLED') === true) return [];
    if (state === undefined)
      return [{ kind: 'ill', about, says: `there is no rule ${rule}: nothing carries ${carries}`, remedy: 'deploy again' }];
    const remedy = `aws events enable-rule --name ${rule}${bus === undefined ? '' : ` --event-bus-name ${bus}`}`;
    return [{ kind: 'ill', about, says: `the rule ${rule} is ${state.toLowerCase()}: nothing carries ${carries}`, remedy }];
  });
  return ill.length > 0 ? ill : [{ kind: 'well', about, says: `all ${found.length} are enabled` }];
}

async function stateOf(rule: { readonly Name: string; readonly EventBusName?: string }, { events }: Patient['aws']) {
  try {
    return (await events.send(new DescribeRuleCommand(rule))).State;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
