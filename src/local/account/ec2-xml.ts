import { randomUUID } from 'node:crypto';
import { type AwsFault, notOffered } from '../wire/aws-json.ts';
import type { Outgoing } from '../wire/http-server.ts';
import type { AccountFacts } from './account.ts';

type Subnets = AccountFacts['subnets'];

const vpc = 'vpc-local';

/**
 * EC2's answer to a call of its query protocol: DescribeSubnets and DescribeRouteTables.
 *
 * @throws {AwsFault} for any other
 */
export function ec2Answer(form: URLSearchParams, subnets: Subnets): Outgoing {
  const action = form.get('Action') ?? '';
  switch (action) {
    case 'DescribeSubnets': {
      const asked = [...form].filter(([name]) => name.startsWith('SubnetId.')).map(([, id]) => id);
      const found = subnets.filter(({ id }) => asked.includes(id));
      return answer(action, `<subnetSet>${found.map(({ id }) => item(tag('subnetId', id) + tag('vpcId', vpc))).join('')}</subnetSet>`);
    }
    case 'DescribeRouteTables':
      return answer(action, `<routeTableSet>${subnets.map(routeTable).join('')}</routeTableSet>`);
    default:
      throw notOffered(`ec2:${action}`);
  }
}

export const ec2Fault = ({ type, message, status }: AwsFault): Outgoing =>
  xml(
    status,
    `<Response><Errors><Error>${tag('Code', type)}${tag('Message', message)}</Error></Errors>${tag('RequestID', randomUUID())}</Response>`,
  );

/** One table for each subnet, as if each were named in one. */
function routeTable({ id, hasWayOut }: Subnets[number]): string {
  const inside = item(tag('destinationCidrBlock', '10.83.0.0/24') + tag('gatewayId', 'local') + tag('state', 'active'));
  const out = item(tag('destinationCidrBlock', '0.0.0.0/0') + tag('gatewayId', 'igw-local') + tag('state', 'active'));
  const routes = `<routeSet>${inside}${hasWayOut ? out : ''}</routeSet>`;
  const associations = `<associationSet>${item(tag('main', 'false') + tag('subnetId', id))}</associationSet>`;
  return item(tag('routeTableId', `rtb-${id}`) + tag('vpcId', vpc) + routes + associations);
}

const answer = (action: string, body: string): Outgoing =>
  xml(
    200,
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${tag('requestId', randomUUID())}${body}</${action}Response>`,
  );

const xml = (status: number, body: string): Outgoing => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const item = (body: string): string => `<item>${body}</item>`;

const tag = (name: string, value: string): string => `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
