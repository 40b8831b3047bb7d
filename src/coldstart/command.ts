import { closest } from '../run/closest.ts';
import type { WhatIf } from './what-if.ts';

/** What somebody wants to know of which functions. */
export interface ColdStartsCommand {
  /** Names or prefixes (`orders-*`); empty: all that may be read. */
  readonly functions: readonly string[];
  readonly windowMs: number;
  readonly whatIfs: readonly WhatIf[];
  /** The person has agreed to a query that costs more than the usual. */
  readonly isConfirmed: boolean;
}

/** What someone typed after `/coldstarts`. */
export type ColdStartsText =
  | { readonly kind: 'help' }
  | { readonly kind: 'ask'; readonly command: ColdStartsCommand }
  /** `because` is a sentence for the person, with the way out. */
  | { readonly kind: 'refused'; readonly because: string };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const usualWindowMs = day;
const longestWindowMs = 30 * day;
const maxCharacters = 1_000;
const maxFunctions = 20;

const keys = ['merge', 'ping', 'provisioned'] as const;

/**
 * Reads what stands after `/coldstarts`: `[function or prefix …] [window] [merge | merge=a,b | ping=5m | provisioned=2 …]`.
 * Never throws; whatever is not understood is refused with the way out.
 */
export function parseColdStarts(text: string): ColdStartsText {
  const typed = text.replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' ').trim();
  if (typed.length > maxCharacters) return refused(`That is too long for me: a command has at most ${maxCharacters} characters.`);
  const words = typed.split(/\s+/).filter((word) => word !== '');
  const [first] = words;
  if (first !== undefined && /^(?:-{1,2})?(?:help|h|\?)$/i.test(first)) return { kind: 'help' };
  const functions: string[] = [];
  const whatIfs: WhatIf[] = [];
  let windowMs: number | undefined;
  let isConfirmed = false;
  for (const word of words) {
    const window = parseWindow(word);
    const change = /^(?:merge|ping|provisioned)(?:=|$)/.test(word) ? parseWhatIf(word) : undefined;
    if (window !== undefined) {
      if (windowMs !== undefined) return refused('There are two windows: say one, like `24h`.');
      windowMs = window;
    } else if (word === 'confirm') isConfirmed = true;
    else if (change !== undefined) {
      if (change.kind === 'refused') return change;
      whatIfs.push(change.whatIf);
    } else if (/^\d+\s*[a-z]+$/i.test(word)) return refused(`\`${shown(word)}\` is no window: write it like \`1h\`, \`24h\` or \`7d\`.`);
    else if (word.includes('=')) return refused(unknownKey(word));
    else if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,139}\*?$/.test(word)) functions.push(word);
    else
      return refused(
        `\`${shown(word)}\` is not the name of a function: letters, digits, \`-\` and \`_\`, and \`*\` at the end of a prefix.`,
      );
  }
  if (windowMs !== undefined && windowMs > longestWindowMs) return refused('The longest window is `30d`.');
  if (functions.length > maxFunctions) return refused(`At most ${maxFunctions} names fit into a command: use a prefix, like \`orders-*\`.`);
  if (whatIfs.length > 4) return refused('At most four changes fit into one answer.');
  return { kind: 'ask', command: { functions: [...new Set(functions)], windowMs: windowMs ?? usualWindowMs, whatIfs, isConfirmed } };
}

const refused = (because: string) => ({ kind: 'refused', because }) as const;

/** A word of somebody's within a sentence of ours. */
const shown = (word: string): string =>
  word.slice(0, 60).replaceAll('`', "'").replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function unknownKey(word: string): string {
  const key = word.slice(0, word.indexOf('='));
  const near = closest(key, keys);
  if (near !== undefined) return `I don't know \`${shown(key)}=\`; did you mean \`${near}=\`?`;
  return `I don't know \`${shown(key)}=\`. I know ${keys.map((one) => `\`${one}=\``).join(', ')}.`;
}

/** `90m`, `24h`, `7d` in milliseconds; undefined for anything else. */
export function parseWindow(word: string): number | undefined {
  const [, number, unit] = /^(\d{1,4})([mhd])$/.exec(word) ?? [];
  const ms = Number(number) * (unit === 'm' ? minute : unit === 'h' ? hour : day);
  return ms > 0 ? ms : undefined;
}

/** `24 h`, `7 d`, as one reads it. */
export function windowText(windowMs: number): string {
  if (windowMs % day === 0 && windowMs > day) return `${windowMs / day} days`;
  return windowMs % hour === 0 ? `${windowMs / hour} h` : `${Math.round(windowMs / minute)} min`;
}

/** A window as one types it. */
export function windowWord(windowMs: number): string {
  if (windowMs % day === 0 && windowMs > day) return `${windowMs / day}d`;
  return windowMs % hour === 0 ? `${windowMs / hour}h` : `${Math.round(windowMs / minute)}m`;
}

/** `merge`, `merge=a,b`, `ping=5m`, `ping=5mx2`, `provisioned=2`. */
export function parseWhatIf(
  word: string,
): { readonly kind: 'what-if'; readonly whatIf: WhatIf } | { readonly kind: 'refused'; readonly because: string } {
  const [key = '', value] = word.split(/=(.*)/s);
  switch (key) {
    case 'merge': {
      const functions = (value ?? '').split(',').filter((name) => name !== '');
      if (value !== undefined && functions.length < 2)
        return refused('`merge=` takes at least two functions: `merge=orders-api,orders-export`.');
      return { kind: 'what-if', whatIf: { kind: 'merge', functions } };
    }
    case 'ping': {
      const [, every = '', atOnce = '1'] = /^(\d{1,4}[mh])(?:x(\d{1,3}))?$/.exec(value ?? '') ?? [];
      const everyMs = parseWindow(every);
      if (everyMs === undefined || everyMs > day || Number(atOnce) < 1)
        return refused('`ping=` takes how often, from `1m` on: `ping=5m`, or `ping=5mx2` for two at once.');
      return { kind: 'what-if', whatIf: { kind: 'ping', everyMs, atOnce: Number(atOnce) } };
    }
    case 'provisioned': {
      const environments = /^\d{1,3}$/.test(value ?? '') ? Number(value) : 0;
      if (environments < 1) return refused('`provisioned=` takes how many environments each function keeps: `provisioned=2`.');
      return { kind: 'what-if', whatIf: { kind: 'provisioned', environments } };
    }
    case '':
      return refused('A change is `merge`, `merge=a,b`, `ping=5m` or `provisioned=2`.');
    default:
      return refused(`I don't know the change \`${shown(key)}\`. I know \`merge\`, \`merge=a,b\`, \`ping=5m\` and \`provisioned=2\`.`);
  }
}
