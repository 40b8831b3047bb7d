import type { ColdStartSettings } from '../coldstart/settings.ts';
import { context, section } from './blocks.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText } from './text.ts';

const typed = '/coldstarts';

/** How to use the command. */
export function coldStartsHelp({ functions }: ColdStartSettings): Message {
  const example = `${functions[0]}*`;
  return {
    text: `${typed} [function or prefix …] [window] [what-if …], for example: ${typed} ${escapeText(cut(example, 100))} 7d`,
    blocks: [
      section(
        `*\`${typed} [function or prefix …] [window] [what-if …]\`* says how often Lambda functions start cold, how long people wait, and what would change it.`,
      ),
      section(
        [
          `${code(typed)} all functions, the last 24 hours`,
          `${code(`${typed} ${example} 7d`)} those whose names begin so, a week`,
          `${code(`${typed} 7d merge`)} if all were one function; ${code('merge=a,b')} if these two were`,
          `${code(`${typed} 7d ping=5m provisioned=1`)} if they were kept warm, or had provisioned concurrency`,
        ].join('\n'),
      ),
      context(`Functions that may be looked at begin with ${functions.map((prefix) => code(prefix)).join(', ')} (coldframe.yml).`),
    ],
  };
}
