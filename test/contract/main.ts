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
const checks = contractChecks({ endpoint: values.endpoint, region: values.region, template, catalogue: await readCatalogue() });
for await (const { kind, claim, because } of checks) {
  counts[kind] += 1;
  console.log(`${signs[kind]} ${claim}${because === undefined ? '' : `\n    ${because}`}`);
}
console.log(`\n${counts.held} hold, ${counts['cannot be seen']} cannot be seen with this emulator, ${counts.broken} are broken.`);
process.exit(counts.broken === 0 ? 0 : 1);
