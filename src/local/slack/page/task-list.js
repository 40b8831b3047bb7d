import { node, timeNode } from './dom.js';
import { liveList } from './live-list.js';
import { logView } from './log-view.js';

/** The tasks of the local ECS, each with its state and its log. */
export function taskList() {
  let run = '';
  let tasks = [];
  const list = liveList('processes', 'No task yet: type /run-tests local.', ({ id }) => id, taskItem);
  const show = () => list.show(tasks, (task) => run === '' || task.run === run);
  return {
    element: list.element,
    show: (given) => {
      tasks = given;
      show();
    },
    filter: (wanted) => {
      run = wanted;
      show();
    },
    log: list.log,
    refresh: list.refresh,
  };
}

function taskItem({ id, log }) {
  const view = logView(`Log of the task ${id.slice(0, 8)}`, log);
  const summary = node('summary');
  const facts = node('p', { class: 'note' });
  const details = node('details', {}, summary, facts, view.element);
  details.addEventListener('toggle', () => details.open && view.open());
  return {
    element: node('li', {}, details),
    hear: view.hear,
    refresh: view.refresh,
    update: ({ run, family, lastStatus, createdAt, stopCode, stoppedReason, exitCode }) => {
      const isOver = lastStatus === 'STOPPED';
      const isBad = isOver && exitCode !== 0;
      summary.replaceChildren(
        node('span', { class: `state${lastStatus === 'RUNNING' ? ' on' : isBad ? ' bad' : ''}` }, lastStatus),
        node('span', { class: 'title' }, run ?? 'started by hand'),
        node('span', { class: 'result' }, timeNode(createdAt, { withSeconds: true }), isOver ? ` · exit ${exitCode ?? 'none'}` : ''),
      );
      facts.textContent = [`task ${id}`, family, stopCode, stoppedReason].filter(Boolean).join(' · ');
    },
  };
}
