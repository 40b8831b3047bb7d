/** XML that was already escaped. */
export interface Xml {
  readonly xml: string;
}

/** `<name>content</name>`; text is escaped, elements are not. */
export const element = (name: string, content: string | readonly Xml[]): Xml => ({
  xml: `<${name}>${typeof content === 'string' ? escapeXml(content) : content.map(({ xml }) => xml).join('')}</${name}>`,
});

export const xmlDocument = ({ xml }: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;

/** One object of a DeleteObjects request. */
export interface ObjectToDelete {
  readonly key: string;
  readonly etag?: string;
}

export type DeleteRequest =
  | { readonly kind: 'delete'; readonly objects: readonly ObjectToDelete[]; readonly isQuiet: boolean }
  | { readonly kind: 'malformed'; readonly because: string }
  /** Well-formed, but with an element that only directory or versioned buckets have. */
  | { readonly kind: 'not-offered'; readonly element: string };

/** Reads the body of DeleteObjects. Strict: anything it does not know makes it say so. */
export function parseDelete(xml: string): DeleteRequest {
  const root = /^\s*(?:<\?xml[^>]*\?>)?\s*<Delete(?:\s+xmlns="[^"]*")?\s*>(.*)<\/Delete>\s*$/s.exec(xml);
  if (root?.[1] === undefined) return { kind: 'malformed', because: 'the root is not <Delete>' };
  const children = readElements(root[1]);
  if (children === undefined) return { kind: 'malformed', because: 'the content of <Delete> is not a list of elements' };
  const objects: ObjectToDelete[] = [];
  let isQuiet = false;
  for (const { name, content } of children) {
    if (name === 'Quiet') isQuiet = content.trim() === 'true';
    else if (name !== 'Object') return { kind: 'malformed', because: `<${name}> does not belong into <Delete>` };
    else {
      const fields = readElements(content);
      if (fields === undefined) return { kind: 'malformed', because: 'the content of <Object> is not a list of elements' };
      const unknown = fields.find((field) => field.name !== 'Key' && field.name !== 'ETag');
      if (unknown !== undefined) return { kind: 'not-offered', element: `<${unknown.name}> in DeleteObjects` };
      const key = fields.find((field) => field.name === 'Key');
      const etag = fields.find((field) => field.name === 'ETag');
      if (key === undefined) return { kind: 'malformed', because: 'an <Object> has no <Key>' };
      objects.push({ key: unescapeXml(key.content), ...(etag && { etag: unescapeXml(etag.content) }) });
    }
  }
  if (objects.length === 0 || objects.length > 1000)
    return { kind: 'malformed', because: `${objects.length} objects; between 1 and 1000 are allowed` };
  return { kind: 'delete', objects, isQuiet };
}

/** The elements next to each other in `xml`, or undefined when there is anything else but space. None of ours nests within its own name. */
function readElements(xml: string): readonly { readonly name: string; readonly content: string }[] | undefined {
  const elements: { name: string; content: string }[] = [];
  const rest = xml.replaceAll(/<([A-Za-z0-9]+)(?:\/>|>(.*?)<\/\1>)/gs, (_, name: string, content: string | undefined) => {
    elements.push({ name, content: content ?? '' });
    return '';
  });
  return rest.trim() === '' ? elements : undefined;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return named[name?.toLowerCase() ?? ''] ?? whole;
    },
  );

const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them, and a parser would turn a bare \r into \n
    .replaceAll(/[\u0000-\u001f]/g, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
