import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isEveryRow } from '../../every-row.ts';
import { packaged } from '../packaged.ts';

const limitMs = 600_000;

it.runIf(isEveryRow)('cfn-lint finds no error in the packaged template, where it is installed', { timeout: limitMs }, async ({ skip }) => {
  const { folder } = await packaged('prod');
  const said = await cfnLint(join(folder, 'cloudformation-template-update-stack.json'));
  if (said === undefined) return skip('cfn-lint is not installed here (it needs Python)');
  expect(said).toBe('');
});

/** What it says of errors; its warnings are about what osls writes. Undefined: it is not installed. */
function cfnLint(template: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('cfn-lint', ['--ignore-checks', 'W', '--', template], (error, stdout, stderr) => {
      // 127: a stand-in is there that finds no Python for it.
      if (error?.code === 'ENOENT' || error?.code === 127) resolve(undefined);
      else resolve(`${stdout}${stderr}`.trim());
    });
  });
}
