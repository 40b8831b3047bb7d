import * as v from 'valibot';
import type { StackRule } from '../stack/stack.ts';
import { AwsFault, type Operation, operation } from '../wire/aws-json.ts';
import { busName } from './put-events.ts';

/** DescribeRule: whether a rule is there, and enabled. */
export const describeRuleOperation = (rules: readonly StackRule[], disabled: ReadonlySet<string>): Operation =>
  operation(
    {
      operation: 'DescribeRule',
      fault: 'ValidationException',
      schema: v.strictObject({ Name: v.string(), EventBusName: v.exactOptional(v.string()) }),
    },
    ({ Name, EventBusName }) => {
      const bus = busName(EventBusName);
      const rule = rules.find(({ name, bus: on }) => name === Name && on === bus);
      if (rule === undefined) throw new AwsFault('ResourceNotFoundException', `Rule ${Name} does not exist on EventBus ${bus}.`);
      return { Name, EventBusName: bus, State: disabled.has(Name) ? 'DISABLED' : 'ENABLED' };
    },
  );
