import { notOffered } from '../wire/aws-json.ts';

const fieldNames = ['@timestamp', '@message', '@logStream', '@log'] as const;
export type Field = (typeof fieldNames)[number];

/** A query that the local world understands: lines in order of time, or how many there are by log and hour. */
export type Query = { readonly passes: (message: string) => boolean } & (
  | { readonly kind: 'lines'; readonly fields: readonly Field[] }
  /** `count` is the name of how many there are, `sum` of how many hold `part`. */
  | { readonly kind: 'counts'; readonly count: string; readonly sum: string; readonly part: string }
);

/** @throws {AwsFault} for any query that is of neither form */
export function parseQuery(text: string): Query {
  const lines = /^fields ([@\w, ]+) \| filter (.+) \| sort @timestamp asc$/s.exec(text);
  const counts =
    /^filter (.+) \| stats count\(\*\) as (\w+), sum\(strcontains\(@message, "([^"\\]+)"\)\) as (\w+) by @log, bin\(1h\)$/s.exec(text);
  const passes = parseFilter(lines?.[2] ?? counts?.[1] ?? '');
  if (passes === undefined) throw refused(text);
  if (counts !== null) {
    const [, , count = '', part = '', sum = ''] = counts;
    return { kind: 'counts', count, sum, part, passes };
  }
  const names = (lines?.[1] ?? '').split(/\s*,\s*/);
  const fields = names.flatMap((name) => fieldNames.filter((one) => one === name));
  if (fields.length !== names.length) throw refused(text);
  return { kind: 'lines', fields, passes };
}

type Passes = (message: string) => boolean;

const token = /\s*(?:(\(|\)|and\b|or\b)|@message (not )?like \/((?:[^/\\]|\\.)+)\/)/y;

/** `@message like /…/ or (@message like /…/ and @message not like /…/)`: undefined for anything else. */
function parseFilter(text: string): Passes | undefined {
  let at = 0;

  function next(): RegExpExecArray | undefined {
    token.lastIndex = at;
    const found = token.exec(text) ?? undefined;
    at = found === undefined ? at : token.lastIndex;
    return found;
  }

  function take(word: string): boolean {
    const before = at;
    if (next()?.[1] === word) return true;
    at = before;
    return false;
  }

  function joined(word: string, part: () => Passes | undefined, join: (parts: readonly Passes[], message: string) => boolean) {
    const parts: (Passes | undefined)[] = [part()];
    while (take(word)) parts.push(part());
    const known = parts.filter((one) => one !== undefined);
    return known.length < parts.length ? undefined : (message: string) => join(known, message);
  }

  function condition(): Passes | undefined {
    const [, word, not, pattern] = next() ?? [];
    if (word === '(') {
      const inside = either();
      return take(')') ? inside : undefined;
    }
    if (pattern === undefined) return undefined;
    const regex = new RegExp(pattern);
    return (message) => regex.test(message) === (not === undefined);
  }

  const both = (): Passes | undefined => joined('and', condition, (parts, message) => parts.every((one) => one(message)));
  const either = (): Passes | undefined => joined('or', both, (parts, message) => parts.some((one) => one(message)));

  const filter = either();
  return text.slice(at).trim() === '' ? filter : undefined;
}

const refused = (query: string) =>
  notOffered(
    `this query of Logs Insights, only \`fields @timestamp, @message, @logStream, @log | filter @message like /…/ or … | sort @timestamp asc\` and \`filter … | stats count(*) as …, sum(strcontains(@message, "…")) as … by @log, bin(1h)\`: ${query.slice(0, 200)}`,
  );
