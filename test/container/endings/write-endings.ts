/**
 * Writes docs/endings.md from really doing it: `npm run endings`. With names, it does only those, and prints what came of them:
 * `npm run endings -- exit-0 browser-killed`.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Ending, endings } from './endings.ts';
import { type Ended, openEndingsWorld } from './endings-world.ts';
import { together } from './together.ts';

const file = fileURLToPath(new URL('../../../docs/endings.md', import.meta.url));
/** Fewer than the test has: the times are for people to read. */
const atOnce = 3;

const introduction = `# How a run ends

Every way we know in which a suite, a browser, Fargate, S3 or a person can end a run: what it is called then, what the
channel sees, and how long that took. Made by \`npm run endings\`, which really does each of them: the container with a
real cucumber-js, and a real browser where it matters, as a task of the local ECS, judged and reported by the real workflows.
\`test/container/endings\` has them as a table; it is also a test (\`npm run test:all\` does all, \`npm test\` one of each kind), which looks
whether any process, socket or profile is left.

The time is that from the event (the step that exits, the kill, the press on Cancel, the moment when the run's time was over)
to the message that tells the end; where there is no such moment, it is that of the whole run. It was taken on two busy
processors. On AWS, what Fargate needs for itself comes on top: half a minute before, and a few seconds after.

What holds the times down:

| limit                                                                                                       |                                            |
| ----------------------------------------------------------------------------------------------------------- | ------------------------------------------ |
| the plan and the secrets are read, each                                                                     | 30 s                                       |
| the environment answers                                                                                     | 10 s                                       |
| the browser shows a blank page                                                                              | 20 s                                       |
| a scenario                                                                                                  | \`scenarioLimit\` in coldframe.yml, if set   |
| its After hooks after that, each                                                                            | 15 s                                       |
| … after which the run is ended, if the scenario is still on                                                 | 30 s; 2 s if it does not react at all      |
| the run                                                                                                     | \`limit\` in coldframe.yml                   |
| what was on when the run's time was over takes its evidence (the step fails, and the After hooks run)       | 10 s; 2 s if it does not react at all      |
| cucumber's process ends after its run is over                                                               | 10 s                                       |
| what is left is written to the bucket                                                                       | 2 min; 15 s after SIGTERM; then the result: 4 s |
| the container ends after SIGTERM                                                                            | 120 s, then ECS kills it                   |

`;

const names = process.argv.slice(2);
const groups = endings.map(({ about, all }) => ({ about, all: all.filter(({ name }) => names.length === 0 || names.includes(name)) }));
const world = await openEndingsWorld();
try {
  const all = groups.flatMap((group) => group.all);
  const runs = together(atOnce, new Map(all.map((ending) => [ending.name, () => world.run(ending)])));
  const ends = new Map<string, Ended>();
  for (const [name, run] of runs) {
    const ended = await run;
    ends.set(name, ended);
    console.log(`${ended.outcome.kind.padEnd(12)} ${seconds(ended).padStart(7)}  ${name}`);
    if (names.length > 0) console.log(`\n${ended.message}\n${ended.left.map((what) => `left: ${what}\n`).join('')}`);
  }
  if (names.length === 0) await writeFile(file, introduction + document(ends));
} finally {
  await world.stop();
}

function document(ends: ReadonlyMap<string, Ended>): string {
  const endOf = ({ name }: Ending) => ends.get(name);
  const rows = groups.flatMap(({ about, all }) => [
    `| **${about}** | | |`,
    ...all.map((ending) => `| [${cell(ending.title)}](#${ending.name}) | ${endOf(ending)?.outcome.kind} | ${seconds(endOf(ending))} |`),
  ]);
  const sections = groups.flatMap(({ about, all }) => [
    `## ${about}\n`,
    ...all.map((ending) => `### ${ending.name}\n\n${sentence(ending.title)}\n\n\`\`\`text\n${shown(endOf(ending))}\n\`\`\`\n`),
  ]);
  const table = ['| what happens | outcome | time to the end |', '| --- | --- | --- |', ...rows].join('\n');
  return `${table}\n\nBelow, each message is as the channel sees it, without its last two lines: who asked for what, and the buttons.\n\n${sections.join('\n')}`;
}

/** Without what is the same below every message. */
function shown(ended: Ended | undefined): string {
  const lines = (ended?.message ?? '')
    .split('\n')
    .filter((line) => !line.startsWith('@Ada Lovelace  ·') && !/\[Re-run all\]|^\[Mute\]$/.test(line));
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll('```', "'''");
}

function seconds(ended: Ended | undefined): string {
  return ended === undefined ? '' : `${(ended.tookMs / 1_000).toFixed(1)} s`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
