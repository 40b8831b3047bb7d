import { execFile } from 'node:child_process';

/** Runs this Node with exactly these environment variables, and gives what it wrote to standard output. */
export function runNode(args: readonly string[], env: Readonly<Record<string, string>>, cwd = process.cwd()): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { env: { ...env }, cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`node ${args[0]} failed:\n${stdout}\n${stderr}`, { cause: error }));
    });
  });
}
