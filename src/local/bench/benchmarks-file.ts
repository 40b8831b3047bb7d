import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));

/** Puts the last results of a benchmark into docs/benchmarks.md, between the two marks that stand there for it. */
export async function writeResults(benchmark: string, text: string): Promise<void> {
  await writeFile(file, withResults(await readFile(file, 'utf8'), benchmark, text));
}

/** The document with other results for this benchmark. @throws when it has no place for them */
export function withResults(document: string, benchmark: string, text: string): string {
  const [begin, end] = [`<!-- results: ${benchmark} -->\n`, '<!-- end of results -->'];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1)
    throw new Error(
      `docs/benchmarks.md has no place for the results of ${benchmark}: write "${begin.trim()}" and "${end}" on two lines of it`,
    );
  return `${document.slice(0, from + begin.length)}\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n\n${document.slice(to)}`;
}
