import { DescribeRouteTablesCommand, DescribeSubnetsCommand, type Route, type RouteTable } from '@aws-sdk/client-ec2';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'network';

/** Each subnet of the tasks has a way out: to the image, to AWS, and to the page under test. */
export async function network({ aws, config }: Patient): Promise<readonly Finding[]> {
  const { Subnets = [] } = await aws.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...config.subnets] }));
  const vpcs = [...new Set(Subnets.flatMap(({ VpcId }) => (VpcId === undefined ? [] : [VpcId])))];
  const { RouteTables = [] } = await aws.ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: vpcs }] }));
  return Subnets.map(({ SubnetId = '', VpcId = '' }): Finding => {
    const way = wayOut(tableOf(RouteTables, SubnetId, VpcId)?.Routes ?? []);
    if (way === undefined) {
      const remedy = 'add a route for 0.0.0.0/0 to an internet gateway, or to a NAT gateway for a private subnet';
      return { kind: 'ill', about, says: `${SubnetId} has no route out: a task there cannot even pull its image`, remedy };
    }
    if (way.startsWith('igw-') && !config.assignPublicIp) {
      const remedy = 'give tasks a public IP, or route the subnet through a NAT gateway';
      return { kind: 'ill', about, says: `${SubnetId} leads to ${way}, but tasks get no public IP: nothing answers them`, remedy };
    }
    return { kind: 'well', about, says: `${SubnetId} leads out by ${way}` };
  });
}

/** The table a subnet names, or the main one of its VPC. */
function tableOf(tables: readonly RouteTable[], subnetId: string, vpcId: string): RouteTable | undefined {
  const named = tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnetId));
  return named ?? tables.find(({ VpcId, Associations = [] }) => VpcId === vpcId && Associations.some(({ Main }) => Main === true));
}

function wayOut(routes: readonly Route[]): string | undefined {
  const out = routes.find(({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State === 'active');
  return out && (out.GatewayId ?? out.NatGatewayId ?? out.TransitGatewayId ?? out.NetworkInterfaceId ?? out.InstanceId);
}
