import { node, timeNode } from './dom.js';
import { jsonView } from './json-view.js';
import { read } from './server.js';

const mostItems = 1_500;

const ways = [
  ['slack to app', 'Slack → app'],
  ['app to slack', 'App → Slack'],
  ['event', 'Events'],
  ['aws call', 'AWS calls'],
  ['function', 'Functions'],
  ['link', 'Links'],
];

/** Everything that happened, a line each, with its request and its answer inside. */
export function timeline() {
  const list = node('ol', { class: 'timeline' });
  const off = new Set();
  let run = '';
  let words = '';
  const boxes = ways.map(([way, title]) => {
    const box = node('input', { type: 'checkbox', checked: true });
    box.addEventListener('change', () => {
      if (box.checked) off.delete(way);
      else off.add(way);
      refresh();
    });
    return node('label', { class: `way way-${way.replaceAll(' ', '-')}` }, box, title);
  });
  const search = node('input', { type: 'text', placeholder: 'chat.update, RunTask, …', 'aria-label': 'Only lines with' });
  search.addEventListener('input', () => {
    words = search.value.trim().toLowerCase();
    refresh();
  });
  const count = node('p', { class: 'note' });
  const element = node(
    'div',
    {},
    node('fieldset', { class: 'ways' }, node('legend', { class: 'hidden' }, 'What to show'), ...boxes),
    search,
    count,
    list,
  );
  const lineOf = new WeakMap();

  const isShown = ({ way, title, detail, runs }) =>
    !off.has(way) && (run === '' || runs.includes(run)) && (words === '' || `${title} ${detail}`.toLowerCase().includes(words));

  function refresh() {
    for (const item of list.children) item.hidden = !isShown(lineOf.get(item));
    showCount();
  }

  function showCount() {
    const shown = [...list.children].filter((item) => !item.hidden).length;
    count.textContent = `${shown} of ${list.children.length}, the newest first`;
  }

  function item(line) {
    const { n, at, way, title, detail, status, durationMs, isBad } = line;
    const inside = node('div', { class: 'inside' });
    const entry = node(
      'details',
      {},
      node(
        'summary',
        {},
        timeNode(at, { withSeconds: true }),
        node('span', { class: `way-mark way-${way.replaceAll(' ', '-')}`, title: way }, node('span', { class: 'hidden' }, `${way}: `)),
        node('span', { class: 'title' }, title, detail ? node('small', {}, ` ${detail}`) : ''),
        node(
          'span',
          { class: `result${isBad ? ' bad' : ''}` },
          [status, durationMs === undefined ? undefined : `${durationMs} ms`].filter((part) => part !== undefined).join(' · '),
        ),
      ),
      inside,
    );
    entry.addEventListener('toggle', async () => {
      if (!entry.open || inside.hasChildNodes()) return;
      const { request, response, error } = await read(`/workbench/entry?n=${n}`);
      if (error) return inside.append(node('p', {}, error));
      inside.append(
        node('h3', {}, way === 'event' ? 'The event' : 'Request'),
        jsonView(request),
        ...(response === undefined ? [] : [node('h3', {}, 'Answer'), jsonView(response)]),
      );
    });
    const made = node('li', {}, entry);
    lineOf.set(made, line);
    made.hidden = !isShown(line);
    return made;
  }

  /** A call that took long is told when it is over, and stands where it began: above what led to it, below what it led to. */
  function insert(line) {
    let after = list.firstElementChild;
    while (after && lineOf.get(after).at > line.at) after = after.nextElementSibling;
    list.insertBefore(item(line), after);
  }

  return {
    element,
    add: (lines) => {
      for (const line of lines) insert(line);
      while (list.children.length > mostItems) list.lastElementChild.remove();
      showCount();
    },
    clear: () => list.replaceChildren(),
    filter: (wanted) => {
      run = wanted;
      refresh();
    },
  };
}
