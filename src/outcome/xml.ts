/** What no XML 1.0 document may hold, however it is written: control characters, and two that are no characters. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  // A parser takes these for spaces in an attribute.
  '\n': '&#10;',
  '\t': '&#9;',
};

const allowed = (value: string): string => value.toWellFormed().replace(forbidden, '');

/** Any text as the content of an element. */
export const xmlText = (value: string): string => allowed(value).replace(/[&<>\r]/g, (character) => escapes[character] ?? '');

const attribute = (value: string): string => allowed(value).replace(/[&<>"\r\n\t]/g, (character) => escapes[character] ?? '');

/** ` name="value"` for each. */
export const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${attribute(value)}"`)
    .join('');

/** An element; `content` is XML already. */
export const element = (name: string, values: Readonly<Record<string, string>>, content = ''): string =>
  content === '' ? `<${name}${attributes(values)}/>` : `<${name}${attributes(values)}>${content}</${name}>`;
