import { node, timeNode } from './dom.js';
import { liveList } from './live-list.js';
import { logView } from './log-view.js';

/** The functions of the stack, each with its processes and its log. */
export function functionList() {
  const list = liveList('processes', 'No functions.', ({ name }) => name, functionItem);
  return { element: list.element, show: list.show, log: list.log, refresh: list.refresh, filter: () => {} };
}

function functionItem({ name, group }) {
  const view = logView(`Log of the function ${name}`, { group });
  const summary = node('summary');
  const facts = node('p', { class: 'note' });
  const details = node('details', {}, summary, facts, view.element);
  details.addEventListener('toggle', () => details.open && view.open());
  return {
    element: node('li', {}, details),
    hear: view.hear,
    refresh: view.refresh,
    update: ({ processes, invocations, failures, lastAt, lastMs }) => {
      const busy = processes.filter(({ isBusy }) => isBusy).length;
      const state = busy > 0 ? 'BUSY' : processes.length > 0 ? 'WARM' : 'COLD';
      summary.replaceChildren(
        node('span', { class: `state${busy > 0 ? ' on' : ''}` }, state),
        node('span', { class: 'title' }, name),
        node('span', { class: `result${failures > 0 ? ' bad' : ''}` }, `${invocations} calls`, failures > 0 ? `, ${failures} failed` : ''),
      );
      const pids = processes.map(({ pid }) => pid).filter(Boolean);
      facts.replaceChildren(
        [group, pids.length > 0 && `processes ${pids.join(', ')}`].filter(Boolean).join(' · '),
        ...(lastAt === undefined ? [] : [' · last ', timeNode(lastAt, { withSeconds: true }), ` in ${lastMs} ms`]),
      );
    },
  };
}
