import { writeFile } from 'node:fs/promises';
import { chromeArguments } from './chrome.ts';

/**
 * Writes a command that starts the browser at `chromePath` as a container must: for suites that bring no flags of their
 * own, as most were written for a desktop. Flags that the suite gives come after ours and win.
 */
export async function writeChromeCommand(file: string, chromePath: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\nexec ${quoted(chromePath)} ${chromeArguments.join(' ')} "$@"\n`, { mode: 0o755 });
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
