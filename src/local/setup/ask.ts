import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks on the terminal; what is typed for a secret is not shown. @throws where nobody can be asked */
export async function ask(question: string, { isSecret = false }: { readonly isSecret?: boolean } = {}): Promise<string> {
  if (!process.stdin.isTTY) throw new Error(`Nobody is here to be asked: ${question.trim()} Say it by an option or a variable (--help).`);
  let isShown = true;
  const output = new Writable({
    write(chunk, encoding, done) {
      if (isShown) process.stdout.write(chunk, encoding);
      done();
    },
  });
  const line = createInterface({ input: process.stdin, output, terminal: true });
  try {
    const answer = line.question(question);
    isShown = !isSecret;
    return (await answer).trim();
  } finally {
    line.close();
    if (isSecret) process.stdout.write('\n');
  }
}

/** Whether somebody says yes; anything but `y` or `yes` is a no. */
export const isAgreed = async (question: string): Promise<boolean> => /^y(?:es)?$/i.test(await ask(`${question} [y/N] `));
