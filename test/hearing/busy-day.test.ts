import { expect, it } from 'vitest';
import { type HearSettings, hearable, usualHearing } from '../../src/hearing/settings.ts';
import { busyDays, type Got, lived } from './busy-day.ts';

const days = busyDays(1);
const digest = 'daily 09:00 UTC';
const quiet = '19:00-07:00 UTC';
const all: readonly (readonly [string, HearSettings])[] = [
  ...hearable.map((runs) => [`\`${runs}\``, { ...usualHearing, runs, digest }] as const),
  ['`only changes`, quiet from 19:00 to 07:00', { ...usualHearing, quiet }],
];
const got = new Map(all.map(([name, settings]) => [name, lived(days, settings)]));

const row = (name: string, { messages, inThreads, digests, pings, pinged }: Got) =>
  `| ${name} | ${messages} | ${messages - 12} | ${inThreads} | ${digests} | ${pings} | ${pinged} |`;
const page = `# A day of a busy team

How much a channel hears on such a day, in each setting of \`hear.runs\` ([hearing.md](hearing.md)). Made by \`test/hearing/busy-day.test.ts\`
(\`npx vitest run test/hearing/busy-day.test.ts --update\` writes it anew): the product's own history, comparison and decision, in virtual time.

One channel and one environment with a hundred scenarios. At night 30 runs of a schedule, by day 40 of merges and 12 that people ask for. Three
scenarios are flaky: each fails a fifth of its runs. One has failed for days. At 10:00 a merge breaks two more, which is mended at 13:00; from 15:00 to
16:30 the environment does not answer. Three days like it, without those troubles, come before.

| setting | messages | of these not for somebody who asked | more in threads | digests and news after quiet hours | messages that ping | people and groups in them |
| --- | --- | --- | --- | --- | --- | --- |
${[...got].map(([name, one]) => row(name, one)).join('\n')}

The 12 runs that people ask for have their message in every setting, where they were asked for, and a reply for whoever asked.
`;

it('a busy day is in each setting what docs/busy-day.md says', async () => {
  await expect(page).toMatchFileSnapshot('../../docs/busy-day.md');
});

it('what is neither green nor muted is said in each setting, and one hears less from one to the next', () => {
  expect([...got.values()].map(({ unsaid }) => unsaid)).toEqual(all.map(() => 0));
  const messages = hearable.map((runs) => got.get(`\`${runs}\``)?.messages ?? 0);
  expect(messages).toEqual(messages.toSorted((a, b) => b - a));
});

it('with the usual setting a channel hears of one in seven of the runs that nobody asked for, and of few pings', () => {
  const usual = lived(days, usualHearing);
  expect(usual.messages - 12).toBeLessThanOrEqual(10);
  expect(usual.pings).toBeLessThanOrEqual(5);
});
