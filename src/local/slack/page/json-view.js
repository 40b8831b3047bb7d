import { node } from './dom.js';

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/gi;

/** JSON as people read it: indented, its names told from its values. */
export function jsonView(value) {
  const text = JSON.stringify(value, undefined, 2) ?? 'nothing';
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon, word, number] = match;
    parts.push(text.slice(at, match.index));
    const kind = colon ? 'name' : string ? 'string' : word ? 'word' : number ? 'number' : '';
    parts.push(node('span', { class: `json-${kind}` }, string ?? whole), colon ?? '');
    at = match.index + whole.length;
  }
  return node('pre', { class: 'json', tabindex: '0' }, ...parts, text.slice(at));
}
