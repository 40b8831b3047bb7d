/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element. Attributes and children that are `undefined` or `false` are left out; text only ever becomes text. */
export function node(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== ''));
  return element;
}

/** Text from a test: whichever way it is written, it turns nothing round beside it. */
export const quoted = (text) => node('bdi', {}, text);

/** A sign that repeats a status; the word is always beside it, or read aloud in its place. */
export const sign = (status, word = status) => node('span', { class: `sign of-${status}` }, node('span', { class: 'unseen' }, `${word}: `));

/** `3 min 12 s`, `850 ms`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 scenario`, `41 scenarios`. */
export const plural = (count, one) => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
