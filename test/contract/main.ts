import { parseArgs } from 'node:util';
import { readCatalogue } from '../../src/local/read-catalogue.ts';
import { packaged } from '../packaging/packaged.ts';
import { type Checked, contractChecks } from './checks.ts';

/**
 * `npm run contract -- --endpoint http://127.0.0.1:5000`: drives src/aws, as it is deployed, against somebody else's AWS. What
 * that one cannot do is listed, not hidden. Ends with 1 when something is not as it must be.
 */
const { values } = parseArgs({ options: { endpoint: { type: 'string' }, region: { type: 'string', default: 'eu-central-1' } } });
if (values.endpoint === undefined) {
  console.error('Say where the emulator is: npm run contract -- --endpoint http://127.0.0.1:5000 (for moto: `moto_server -p 5000`)');
  process.exit(2);
}

const signs: Readonly<Record<Checked['kind'], string>> = { held: '✓', 'cannot be seen': '○', broken: '✗' };
const counts: Record<Checked['kind'], number> = { held: 0, 'cannot be seen': 0, broken: 0 };
const { template } = await packaged('local');
const network = {
  subnets: await idsOf('DescribeSubnets', /subnet-[0-9a-f]+/g),
  securityGroups: await idsOf('DescribeSecurityGroups', /sg-[0-9a-f]+/g),
};
const checks = contractChecks({ endpoint: values.endpoint, region: values.region, template, catalogue: await readCatalogue(), network });
for await (const { kind, claim, because } of checks) {
  counts[kind] += 1;
  console.log(`${signs[kind]} ${claim}${because === undefined ? '' : `\n    ${because}`}`);
}
console.log(`\n${counts.held} hold, ${counts['cannot be seen']} cannot be seen with this emulator, ${counts.broken} are broken.`);
process.exit(counts.broken === 0 ? 0 : 1);

/** The network that an account has by itself. We never ask EC2 for anything, so that there is no client of it here. */
async function idsOf(action: string, form: RegExp): Promise<readonly string[]> {
  const scope = `contract/20261127/${values.region}/ec2/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
  const body = new URLSearchParams({ Action: action, Version: '2016-11-15' });
  const answer = await (await fetch(values.endpoint ?? '', { method: 'POST', headers, body })).text();
  const [first] = answer.match(form) ?? [];
  if (first === undefined) throw new Error(`${values.endpoint} has no default network: ${action} answered ${answer.slice(0, 300)}`);
  return [first];
}
