/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element. `attributes` set to `undefined` or `false` are left out; `true` is an empty one. */
export function node(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== ''));
  return element;
}

/** Hours, minutes and, if asked for, seconds of a time in milliseconds, for people and for machines. */
export function timeNode(atMs, { withSeconds = false } = {}) {
  const at = new Date(atMs);
  const style = { hour: '2-digit', minute: '2-digit', ...(withSeconds && { second: '2-digit' }), hourCycle: 'h23' };
  return node('time', { datetime: at.toISOString(), title: at.toLocaleString() }, at.toLocaleTimeString('en-GB', style));
}

/** Tells people who cannot see the page what has changed, once. */
export function announce(text) {
  byId('announcer').textContent = text;
}
