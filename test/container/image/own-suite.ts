import { readFile } from 'node:fs/promises';

/** The two files that docs/suite.md tells people to put beside their suite, as they stand there. */
export async function ownSuiteDockerfile(): Promise<{ dockerfile: string; dockerignore: string }> {
  const page = await readFile(new URL('../../../docs/suite.md', import.meta.url), 'utf8');
  const [, dockerfile] = /```dockerfile\n([\s\S]*?)```/.exec(page) ?? [];
  const [, dockerignore] = /```gitignore\n([\s\S]*?)```/.exec(page) ?? [];
  if (dockerfile === undefined || dockerignore === undefined) throw new Error('docs/suite.md shows no Dockerfile, or no .dockerignore');
  return { dockerfile, dockerignore };
}
