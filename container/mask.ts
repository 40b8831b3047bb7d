/** Hides the values it was made with, in whatever form a suite, a browser or a log prints them. */
export interface Mask {
  /** The text with every value hidden. Complete lines only: half a secret is not recognised. */
  text(text: string): string;
  /**
   * How much of the beginning of an unfinished text may be passed on already, masked, and what must wait for more:
   * a secret that is cut off at the end of `text` stays in `rest`.
   */
  head(text: string): { readonly masked: string; readonly rest: string };
}

/** Shorter values hide nothing and would garble everything: an account called `1`. */
export const minSecretLength = 4;

/** A base64 fragment shorter than this is found by chance in ordinary words. */
const minBase64Length = 4;

type Span = readonly [from: number, to: number];

/**
 * A mask for `values`: raw, JSON-escaped (also more than once), percent- and form-encoded, as HTML entities, and inside
 * anything base64, whatever stands before and after the value there. Of a value of several lines, each line.
 */
export function maskOf(values: readonly string[]): Mask {
  const secrets = [...new Set(values.flatMap(partsOf))];
  const forms = secrets.flatMap((secret) => [escapedForm(secret), ...base64Forms(secret)]);
  const patterns = forms.map(({ pattern }) => new RegExp(pattern, 'g'));
  const maxLength = Math.max(0, ...forms.map((form) => form.maxLength + longestColour));
  const sign = signFor(secrets);

  // Nearly every text has none: one look that says so is much cheaper than one for each form.
  const any = new RegExp(forms.map(({ pattern }) => pattern).join('|') || '(?!)');
  const findIn = (text: string): readonly Span[] => (any.test(text) ? patterns.flatMap((pattern) => spansOf(pattern, text)) : []);
  const find = (text: string): readonly Span[] => {
    const plain = withoutColours(text);
    return plain === undefined ? findIn(text) : [...findIn(text), ...findIn(plain.text).map(plain.spanIn)];
  };
  return {
    text: (text) => cover(text, find(text), sign),
    head: (text) => {
      const spans = find(text);
      const cut = cutOutside(spans, placeBeforeLast(maxLength, text), maxLength);
      const whole = spans.filter(([from]) => from < cut).map(([from, to]): Span => [from, Math.min(to, cut)]);
      return { masked: cover(text.slice(0, cut), whole, sign), rest: text.slice(cut) };
    },
  };
}

/** How a terminal is told to change its colours, as it is and as JSON and JavaScript write it. */
const colours = new RegExp(`(?:${String.fromCharCode(27)}|\\\\u001b|\\\\x1b)\\[[0-9;]*m`, 'gi');

/** One that is cut off at the end of a text is none yet. */
const longestColour = '\\u001b[38;2;255;255;255m'.length;

/**
 * The text as a person sees it, and how to find a place of it in the text itself: whoever compares two texts paints the
 * characters that differ, in the middle of a secret. Undefined when there are no colours.
 */
function withoutColours(text: string): { readonly text: string; readonly spanIn: (span: Span) => Span } | undefined {
  const found = spansOf(colours, text);
  if (found.length === 0) return undefined;
  const pieces: { readonly at: number; readonly from: number; readonly text: string }[] = [];
  let at = 0;
  let from = 0;
  for (const [begin, end] of [...found, [text.length, text.length] as const]) {
    pieces.push({ at, from, text: text.slice(from, begin) });
    at += begin - from;
    from = end;
  }
  const placeOf = (place: number): number => {
    const piece = pieces.findLast((one) => one.at <= place && one.text !== '');
    return piece === undefined ? 0 : piece.from + place - piece.at;
  };
  return { text: pieces.map((piece) => piece.text).join(''), spanIn: ([begin, end]) => [placeOf(begin), placeOf(end - 1) + 1] };
}

/** Where the last `length` characters that a person sees begin. */
function placeBeforeLast(length: number, text: string): number {
  const plain = withoutColours(text);
  if (plain === undefined) return Math.max(0, text.length - length);
  return plain.text.length <= length ? 0 : plain.spanIn([plain.text.length - length, plain.text.length])[0];
}

/** The last place at or before `end` that is inside no span. */
function cutOutside(spans: readonly Span[], end: number, maxLength: number): number {
  let cut = end;
  for (const [from, to] of spans.toSorted((a, b) => b[1] - a[1])) if (from < cut && to > cut) cut = from;
  // Secrets that overlap on and on leave no such place; waiting for one would need memory without end.
  return cut === 0 && end > 4 * maxLength ? end : cut;
}

/** The value and, when it has several lines (a private key), each line: output is masked line by line. */
function partsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return [value, value.trim(), ...lines].filter((part) => part.length >= minSecretLength);
}

/** What stands for a secret: made of characters that occur in none, so that hiding one can never spell another. */
function signFor(secrets: readonly string[]): string {
  const signs = ['***', '•••', '███', '░░░'];
  return signs.find((sign) => !secrets.some((secret) => secret.includes(sign.charAt(0)))) ?? '\uFFFD';
}

interface Form {
  readonly pattern: string;
  readonly maxLength: number;
}

function escapedForm(secret: string): Form {
  // Backslashes in a row are one thing: one by one, each could stand for some of the others' escapes, in endless combinations.
  const characters = (secret.match(/\\+|./gsu) ?? []).map(escapedCharacter);
  return {
    pattern: characters.map(({ pattern }) => pattern).join(''),
    maxLength: characters.reduce((sum, { maxLength }) => sum + maxLength, 0),
  };
}

/** JSON in JSON in JSON doubles the backslashes each time; in a URL each is `%5C`, in a URL in a URL `%255C`. */
const backslash = `(?:\\\\|${percent('5c')})`;
const maxBackslashes = 8;
const maxPercentLength = '%2525xx'.length;

const shortEscapes: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };
const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** One character of a secret (or all backslashes in a row) in every way it may be written. Letters and digits, which no encoder touches, only as they are. */
function escapedCharacter(character: string): Form {
  if (/^[A-Za-z0-9]$/.test(character)) return { pattern: character, maxLength: 1 };
  const bytes = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, '0'));
  const maxLength = maxBackslashes * maxPercentLength + maxPercentLength * Math.max(2, bytes.length);
  if (character.startsWith('\\')) return backslashes(character.length);
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index).toString(16).padStart(4, '0'));
  const code = character.codePointAt(0) ?? 0;
  const plain = [
    units.map((unit) => `\\u${unit}`).join(''),
    bytes.map(percent).join(''),
    `${entityStart}${entityNumber}0{0,4}${code}${entityEnd}`,
    `${entityStart}${entityNumber}[xX]0{0,4}${anyCase(code.toString(16))}${entityEnd}`,
  ];
  const entity = entities[character];
  if (entity !== undefined) plain.push(`${entityStart}${entity}${entityEnd}`);
  if (character === ' ') plain.push('\\+', percent('2b'));
  const escaped = [units.map((unit, index) => `${index === 0 ? '' : `${backslash}{1,${maxBackslashes}}`}u${anyCase(unit)}`).join('')];
  const short = shortEscapes[character];
  if (short !== undefined) escaped.push(short);
  const pattern = `(?:${backslash}{0,${maxBackslashes}}(?:${plain.join('|')})|${backslash}{1,${maxBackslashes}}(?:${escaped.join('|')}))`;
  return { pattern, maxLength: maxLength + maxBackslashes * maxPercentLength };
}

/** HTML in HTML writes `&amp;quot;`, and in a URL, `%26quot%3B`. */
const entityEnd = `(?:;|${percent('3b')})`;
const entityStart = `(?:&|${percent('26')})(?:amp${entityEnd})?`;
const entityNumber = `(?:#|${percent('23')})`;

function backslashes(count: number): Form {
  const most = count * maxBackslashes;
  return { pattern: `${backslash}{${count},${most}}`, maxLength: most * maxPercentLength };
}

/** A byte as a URL writes it, also inside another URL. */
function percent(byte: string): string {
  return `%(?:25){0,2}${anyCase(byte)}`;
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** The secret is base64 by itself, or in JSON (a token), or in HTML, or in a URL. */
function base64Forms(secret: string): readonly Form[] {
  const inHtml = secret.replace(/[&<>"']/g, (sign) => `&${entities[sign]};`);
  const written = [secret, JSON.stringify(secret).slice(1, -1), inHtml];
  // What is no well-formed text has no form in a URL.
  if (secret.isWellFormed()) written.push(encodeURIComponent(secret));
  return [...new Set(written)].flatMap(base64Cores).map(base64Form);
}

/**
 * Base64 of anything that contains the text contains one of three strings, by where the text begins within its group of
 * three bytes (`Basic dXNlcjpz…`). The characters at the edges also hold bits of the neighbours and are left out.
 */
function base64Cores(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return cores.filter((core) => core.length >= minBase64Length);
}

/** Also in the URL's alphabet, and with the two signs that a URL or JSON escapes. */
function base64Form(core: string): Form {
  const signs: Readonly<Record<string, string>> = {
    '+': `(?:\\+|-|${percent('2b')})`,
    '/': `(?:${backslash}{0,${maxBackslashes}}/|_|${percent('2f')})`,
  };
  const signCount = core.replace(/[^+/]/g, '').length;
  return {
    pattern: core.replace(/[+/]/g, (sign) => signs[sign] ?? ''),
    maxLength: core.length + signCount * (maxBackslashes + 1) * maxPercentLength,
  };
}

function spansOf(pattern: RegExp, text: string): readonly Span[] {
  return Array.from(text.matchAll(pattern), (match): Span => [match.index, match.index + match[0].length]);
}

/** The same places without overlaps, in order. */
function merge(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last === undefined || span[0] > last[1]) merged.push(span);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], span[1])];
  }
  return merged;
}

function cover(text: string, spans: readonly Span[], sign: string): string {
  let masked = '';
  let at = 0;
  for (const [from, to] of merge(spans)) {
    masked += text.slice(at, from) + sign;
    at = to;
  }
  return masked + text.slice(at);
}
