import { node, timeNode } from './dom.js';
import { read } from './server.js';

const mostLines = 2_000;

/** The log of a task or a function: read when it is first looked at, and live from then on. */
export function logView(label, { group, stream }) {
  const lines = node('div', { class: 'log-lines', role: 'log', 'aria-live': 'off', 'aria-label': label, tabindex: '0' });
  let isRead = false;

  function append(added) {
    const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 30;
    lines.append(...added.map(({ at, text }) => node('p', {}, timeNode(at, { withSeconds: true }), ' ', text)));
    while (lines.children.length > mostLines) lines.firstElementChild.remove();
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  }

  async function readAll() {
    const place = new URLSearchParams({ group, ...(stream && { stream }) });
    const said = await read(`/workbench/log?${place}`);
    lines.replaceChildren();
    append(said);
  }

  return {
    element: lines,
    open: async () => {
      if (isRead) return;
      isRead = true;
      await readAll();
    },
    /** After a pause in which lines may have come. */
    refresh: async () => {
      if (isRead) await readAll();
    },
    hear: (said) => {
      if (isRead && said.group === group && (stream === undefined || said.stream === stream)) append(said.lines);
    },
  };
}
