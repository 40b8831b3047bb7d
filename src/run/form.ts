import * as v from 'valibot';
import type { Environment } from './catalogue.ts';
import { checkCommand, type RunCommand, type Wanted } from './command.ts';

/** What somebody has chosen in the form, each value as it was written. */
export interface Choice extends Wanted {
  readonly environment: string;
}

/** Which scenarios are meant: the environment's own, those with one tag, or an expression that somebody writes. */
export const which = { usual: 'usual', own: 'own', tag: 'tag:' } as const;

/** The fields of the form. A block's id is the field's name, `:`, and the environment that it is made for. */
export const fields = ['environment', 'which', 'expression', 'features', 'ref', 'shards', 'retry'] as const;
export type Field = (typeof fields)[number];

/** More would not fit into what a modal remembers; a tag says it better, too. */
export const maxFeaturesChosen = 20;

export const blockId = (field: Field, environment: string): string => (field === 'environment' ? field : `${field}:${environment}`);

/** What the form holds: the choice, and the environment that its fields were made for. */
export interface Filled {
  readonly choice: Choice;
  /** The tags are an expression that somebody writes. */
  readonly isOwn: boolean;
  /** Somebody has chosen another environment, and the form does not show it yet. */
  readonly isStale: boolean;
}

const chosen = v.looseObject({
  value: v.nullish(v.pipe(v.string(), v.maxLength(3_000))),
  selected_option: v.nullish(v.looseObject({ value: v.pipe(v.string(), v.maxLength(300)) })),
  selected_options: v.nullish(v.pipe(v.array(v.looseObject({ value: v.pipe(v.string(), v.maxLength(300)) })), v.maxLength(100))),
});
const values = v.record(v.string(), v.record(v.string(), chosen));

/** What the blocks of a modal hold by their ids, out of `view.state.values`; undefined when that is no such thing. */
export function heldIn(given: unknown): ReadonlyMap<string, v.InferOutput<typeof chosen>> | undefined {
  const parsed = v.safeParse(values, given);
  if (!parsed.success) return undefined;
  const held = Object.entries(parsed.output).flatMap(([id, of]) => {
    const [first] = Object.values(of);
    return first === undefined ? [] : [[id, first] as const];
  });
  return new Map(held);
}

/** What the form holds, out of `view.state.values`; undefined when that is none of ours. */
export function parseFilled(given: unknown): Filled | undefined {
  const held = heldIn(given);
  if (held === undefined) return undefined;
  const of = (id: string) => held.get(id);
  const environment = of('environment')?.selected_option?.value;
  if (environment === undefined) return undefined;
  const isStale = !held.has(blockId('which', environment));
  const field = (name: Field) => (isStale ? undefined : of(blockId(name, environment)));
  const meant = field('which')?.selected_option?.value ?? which.usual;
  const ref = field('ref')?.value?.trim();
  const shards = field('shards')?.selected_option?.value;
  const retry = field('retry')?.selected_option?.value;
  const isOwn = meant === which.own;
  const named = meant.startsWith(which.tag) ? meant.slice(which.tag.length) : '';
  return {
    isStale,
    isOwn,
    choice: {
      environment,
      tags: isOwn ? (field('expression')?.value?.trim() ?? '') : named,
      features: field('features')?.selected_options?.map(({ value }) => value) ?? [],
      ...(ref && { ref }),
      ...(shards !== undefined && { shards }),
      ...(retry !== undefined && { retry }),
    },
  };
}

/** A sentence for each field that is wrong. */
export type Faults = Readonly<Partial<Record<Field, string>>>;

/** The command that was chosen, or what is wrong with it, field by field. */
export function commandOf(
  environment: Environment,
  { choice, isOwn }: Filled,
): { readonly command: RunCommand } | { readonly faults: Faults } {
  const none: Wanted = { tags: '', features: [] };
  const { tags, features, ref, shards, retry } = choice;
  const parts: readonly (readonly [Field, Wanted])[] = [
    [isOwn ? 'expression' : 'which', { ...none, tags }],
    ['features', { ...none, features }],
    ['ref', { ...none, ...(ref !== undefined && { ref }) }],
    ['shards', { ...none, ...(shards !== undefined && { shards }) }],
    ['retry', { ...none, ...(retry !== undefined && { retry }) }],
  ];
  const wrong = parts.flatMap(([field, wanted]) => {
    const checked = checkCommand(environment, wanted);
    return checked.kind === 'refused' ? [[field, checked.because] as const] : [];
  });
  if (isOwn && tags === '') wrong.unshift(['expression', 'Write which scenarios you mean, like `@smoke and not @slow`.']);
  const most = environment.tasksAtOnce;
  if (shards !== 'auto' && Number(shards ?? 1) > most) wrong.push(['shards', `${environment.name} has room for ${most} at once.`]);
  const command = checkCommand(environment, choice);
  if (wrong.length === 0 && command.kind === 'run') return { command: command.command };
  return { faults: Object.fromEntries(wrong) };
}
