import { byId, node } from './dom.js';
import { functionList } from './function-list.js';
import { jsonView } from './json-view.js';
import { showPanel } from './panel.js';
import { read } from './server.js';
import { tabs } from './tabs.js';
import { taskList } from './task-list.js';
import { timeline } from './timeline.js';

/** The panel that shows what is behind the messages, as it happens. `hears` is for the workbench's stream. */
export function inspector() {
  const runs = node('select', { id: 'inspector-run' }, node('option', { value: '' }, 'all runs'));
  const known = new Set();
  const time = timeline();
  const tasks = taskList();
  const functions = functionList();
  const message = node('div', { class: 'message-json' }, node('p', { class: 'empty' }, 'Choose “Show as JSON” beside a message.'));
  const bar = tabs('Inspector', [
    { id: 'timeline', title: 'Timeline', content: time.element },
    { id: 'tasks', title: 'Tasks', content: tasks.element },
    { id: 'functions', title: 'Functions', content: functions.element },
    { id: 'message', title: 'Message', content: message },
  ]);
  byId('inspector').append(
    node('p', { class: 'filter' }, node('label', { for: 'inspector-run' }, 'Show'), runs),
    bar.element,
    time.element,
    tasks.element,
    functions.element,
    message,
  );
  bar.choose('timeline');

  runs.addEventListener('change', () => {
    for (const part of [time, tasks, functions]) part.filter(runs.value);
  });

  /** The newest run stands first. */
  function learn(ids) {
    for (const id of ids) {
      if (known.has(id)) continue;
      known.add(id);
      runs.options[0].after(new Option(id, id));
    }
  }

  return {
    open: () => showPanel('inspector', 'Inspector'),
    showMessage: async ({ channelId, ts, summary }, me) => {
      const json = await read(`/page/message?as=${me}&channel=${channelId}&ts=${ts}`);
      message.replaceChildren(
        node('h3', {}, summary),
        node('p', { class: 'note' }, 'As Slack’s Web API has it; signatures in links are left out.'),
        jsonView(json),
      );
      showPanel('inspector', 'Inspector');
      bar.choose('message');
    },
    hears: {
      // The first thing of every stream: after a pause, or from a world that was started anew.
      offers: () => {
        time.clear();
        tasks.refresh();
        functions.refresh();
      },
      entries: (lines) => {
        learn(lines.flatMap((line) => line.runs));
        time.add(lines);
      },
      status: (status) => {
        learn(status.tasks.flatMap(({ run }) => run ?? []).toReversed());
        tasks.show(status.tasks);
        functions.show(status.functions);
      },
      log: (lines) => {
        tasks.log(lines);
        functions.log(lines);
      },
    },
  };
}
