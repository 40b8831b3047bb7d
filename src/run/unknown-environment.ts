import { code, cut } from '../message/text.ts';
import type { Catalogue } from './catalogue.ts';
import { closest } from './closest.ts';

/** The sentence for a name that is none, with the way out. */
export function unknownEnvironment(name: string, catalogue: Catalogue): string {
  const near = closest(name, catalogue.keys());
  const all = [...catalogue.keys()].map((one) => `\`${one}\``).join(', ');
  const shown = code(cut(name, 60));
  if (near !== undefined) return `There is no environment ${shown}; did you mean \`${near}\`?`;
  return `There is no environment ${shown}. There ${catalogue.size === 1 ? 'is' : 'are'} ${all}: \`/run-tests ${[...catalogue.keys()][0]}\`.`;
}
