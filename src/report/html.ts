const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text from outside, to stand in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

/** JSON that cannot end the element it stands in, nor begin a comment in it, and is the same JSON. */
export const escapeJson = (json: string): string => json.replaceAll('<', '\\u003c');

/** A value as data for the page's script: not a script itself, whatever stands in it. */
export const dataElement = (attributes: string, json: string): string =>
  `<script type="application/json" ${attributes}>${escapeJson(json)}</script>\n`;
