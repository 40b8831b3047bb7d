import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';
import { catalogueOf } from '../catalogue.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { type Edges, startEdges } from './edges.ts';
import { type Fault, faults } from './faults.ts';

const channels = ['C0UITESTS', 'C0DEV'];

let edges: Edges;
let inbox: LocalServer;
let answers: string[] = [];
beforeAll(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 40 }) });
  inbox = await serve(({ body }) => {
    answers.push(JSON.parse(body.toString()).text);
    return { status: 200 };
  });
});
afterAll(async () => await Promise.all([edges.stop(), inbox.stop()]));

const posted = (): readonly SlackMessage[] => channels.flatMap((channel) => edges.slack.messages(channel));

/** Makes the fault happen, and gives what people see. */
async function seen({ act }: Fault): Promise<readonly string[]> {
  const before = new Set(posted().map(({ ts }) => ts));
  answers = [];
  const parts: string[] = [];
  const show = (when: string) => {
    const messages = posted().filter(({ ts }) => !before.has(ts));
    const lines = [...messages.map(asPeopleSee), ...answers.map((text) => `Only to whoever asked: ${text}`)];
    parts.push(
      `_${when.charAt(0).toUpperCase()}${when.slice(1)}_\n\n\`\`\`text\n${lines.length === 0 ? 'nothing' : lines.join('\n\n')}\n\`\`\``,
    );
  };
  try {
    await act(edges, show, inbox.url);
  } finally {
    edges.faults.slack = undefined;
    edges.faults.ecs = undefined;
  }
  return parts.map(withoutChance);
}

/** Without who asked for what, and the buttons, which are the same below each. */
function asPeopleSee(message: SlackMessage): string {
  const text = messageAsText(message, { nowMs: edges.world.nowMs(), nameOf: edges.slack.nameOf });
  const lines = text.split('\n').filter((line) => !/^\[.*\]$/.test(line) && !/ {2}· {2}local-\d/.test(line));
  const where = message.channel === 'C0UITESTS' ? '' : `#${edges.slack.nameOf(message.channel) ?? message.channel}: `;
  return `${message.threadTs === undefined ? '' : 'In its thread: '}${where}${lines.join('\n')}`;
}

/** Ids, times and links are others each time. */
const withoutChance = (text: string): string =>
  text
    .replace(/local-\d{8}-\d{4}-[0-9a-z]{6}/g, 'local-20261123-0412-k3f9qa')
    .replace(/\bby (?:today |tomorrow )?(?:at )?\d{1,2}:\d{2}(?: ?[AP]M)?(?: UTC)?/g, 'by 04:18')
    .replace(/ · after .*$/gm, ' · after …')
    .replace(/ · (?:report|history) \(\S+\)/g, '')
    .replace(/\?s=[\w-]+/g, '?s=…');

/** What docs/faults.md says of a fault: in its table, and by itself. */
async function written(whose: string, fault: Fault): Promise<{ readonly row: string; readonly section: string }> {
  const parts = await seen(fault);
  return {
    row: `| ${whose} | ${fault.what} | ${firstLineOf(parts.at(-1) ?? '')} |`,
    section: [`### ${fault.what.charAt(0).toUpperCase()}${fault.what.slice(1)}`, ...parts].join('\n\n'),
  };
}

it.runIf(isEveryRow)('what people see of each fault is what docs/faults.md says', { timeout: 240_000 }, async () => {
  const sections: string[] = [];
  const table: string[] = [];
  for (const [whose, all] of Object.entries(faults)) {
    sections.push(`## ${whose}`);
    for (const fault of all) {
      const { row, section } = await written(whose, fault);
      sections.push(section);
      table.push(row);
    }
  }
  const document = [[head, ...table].join('\n'), ...sections].join('\n\n');
  await expect(`${document}\n`).toMatchFileSnapshot('../../docs/faults.md');
});

describe.skipIf(isEveryRow).each(Object.entries(faults))('%s', (whose, all) => {
  it.each(someOf(all, 4))('$what: what people see of it is what docs/faults.md says', { timeout: 60_000 }, async (fault) => {
    const document = `${await readFile(new URL('../../docs/faults.md', import.meta.url), 'utf8')}\n`;
    const { row, section } = await written(whose, fault);
    expect(document).toContain(`\n${row}\n`);
    expect(document).toContain(`\n${section}\n\n`);
  });
});

/** Of the message that tells the end: one that could not be changed any more may stand before it. */
const firstLineOf = (part: string): string => {
  const [, text = ''] = /```text\n([\s\S]*)\n```/.exec(part) ?? [];
  const first = text.split('\n\n').map((message) => message.split('\n')[0] ?? '');
  return (first.find((line) => !line.startsWith('⏳')) ?? '').replaceAll('|', '\\|');
};

const head = `# What the channel sees when something goes wrong

What AWS, Slack, a deploy or a person may do to a run, and what people see of it. Made by \`test/app/faults.test.ts\`, which does each of them
to the real workflows, on servers that speak the protocols of AWS and Slack; it fails when this page is not what it saw (\`npm run test:all --
test/app/faults.test.ts --update\` writes it anew). What a suite, a browser and a container may do is in [endings.md](endings.md).

Messages stand here without buttons, links and the small line that says who asked for what. Each fault has one run; where there are two
messages, one is the reply in the thread that notifies people, or the first one could not be changed any more.

| whose fault | what happens | what the channel sees at the end |
| --- | --- | --- |`;
