import { readCatalogue } from '../../../src/local/read-catalogue.ts';
import { packaged } from '../packaged.ts';
import { rolesOf } from '../template.ts';
import { forEveryEnvironment } from './every-environment.ts';
import { usesOfAllFlows } from './flows.ts';
import { grantsOf, judgePermissions, usesOf } from './judge.ts';
import { recordUses } from './recorded-uses.ts';
import { unscoped, waivers } from './waivers.ts';

/**
 * `npm run iam`: what each role may do, on what, on which condition, and where it was seen to do so. Ends with 1 when that does not fit.
 * `--write` records what was seen, for `npm test`.
 */
const [{ template }, seen] = await Promise.all([packaged('local'), usesOfAllFlows()]);
const roles = rolesOf(template);
if (process.argv.includes('--write')) await recordUses(seen);
const uses = forEveryEnvironment(seen, await readCatalogue());

for (const { id } of roles) {
  console.log(`\n${id}`);
  for (const grant of grantsOf(roles).filter(({ role }) => role === id)) {
    console.log(`  ${grant.action.padEnd(30)} ${grant.resource}`);
    for (const [operator, keys] of Object.entries(grant.statement.conditions))
      for (const [key, values] of Object.entries(keys)) console.log(`  ${''.padEnd(30)}   if ${key} ${operator} ${values.join(', ')}`);
    const waiver = waivers.find(({ role, action }) => role === id && action === grant.action);
    const where = usesOf(grant, uses).map((use) => use.where);
    console.log(
      `  ${''.padEnd(30)}   ${where.length > 0 ? `used by: ${[...new Set(where)].join('; ')}` : `waived: ${waiver?.because ?? 'NO'}`}`,
    );
    const wide = grant.resource === '*' && unscoped.find(({ role, action }) => role === id && action === grant.action);
    if (wide) console.log(`  ${''.padEnd(30)}   on all: ${wide.because} ${wide.narrowedBy}`);
  }
}
const wrong = judgePermissions({ roles, uses, waivers });
console.log(wrong.length === 0 ? '\nEvery permission is used, and nothing else is called.' : `\n${wrong.join('\n\n')}`);
process.exit(wrong.length === 0 ? 0 : 1);
