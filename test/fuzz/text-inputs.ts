import type { Chance } from '../simulation/chance.ts';
import { typedText } from './http-inputs.ts';
import { oddJson, oddText, spoiledText } from './odd.ts';
import { catalogueText } from './place.ts';

/** Text for one of our parsers. */
export interface TextInput {
  readonly kind: 'text';
  readonly of: 'config' | 'command' | 'cold starts command';
  readonly text: string;
}

export function configText(chance: Chance): TextInput {
  const lines = catalogueText.split('\n');
  const at = chance.below(lines.length);
  const [, indent = '', name = ''] = /^(\s*)([\w-]*)/.exec(lines[at] ?? '') ?? [];
  const odd = chance.oneOf([
    `${indent}${name}: ${JSON.stringify(oddJson(chance))}`,
    `${indent}${name}: ${oddText(chance, 300)}`,
    `${indent}${oddText(chance, 60)}`,
    `${indent}${name}: &a [*a, *a, *a]`,
    `${indent}<<: {__proto__: {polluted: true}}`,
    `${indent}__proto__: {polluted: true}`,
    `${indent}? [a]\n${indent}: b`,
    `${indent}${name}: !!js/function 'function () {}'`,
    `%YAML 9.9\n--- !!binary x`,
    bomb,
  ]);
  const changed = [...lines.slice(0, at), odd, ...lines.slice(at + chance.below(2))].join('\n');
  return { kind: 'text', of: 'config', text: chance.happens(0.2) ? spoiledText(changed, chance) : changed };
}

/** A billion laughs. */
const bomb = [
  'a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]',
  ...Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array.from({ length: 9 }, () => `*a${index}`).join(', ')}]`),
].join('\n');

export const commandInput = (chance: Chance): TextInput => ({
  kind: 'text',
  of: chance.oneOf(['command', 'cold starts command']),
  text: typedText(chance),
});
