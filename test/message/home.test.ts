import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkView } from '../../src/local/slack/block-kit-view.ts';
import { type HomeEnvironment, type HomeRun, type HomeView, homeView } from '../../src/message/home.ts';
import { knownScenarios, standingOf } from '../../src/outcome/standing.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { cases } from '../every-row.ts';
import { aHistory } from '../report/a-history.ts';

const history = aHistory();
const standing = standingOf(history, knownScenarios(history));
const environment = (name: string, more: Partial<HomeEnvironment> = {}): HomeEnvironment => ({
  environment: name,
  standing,
  historyUrl: `https://bot.example/reports/${name}/history/history.html?s=signed`,
  on: [],
  waiting: 0,
  mayCancel: true,
  ...more,
});
const run = (runId: string, more: Partial<HomeRun> = {}): HomeRun => ({
  environment: 'staging',
  runId,
  at: '2026-11-27T09:00:00.000Z',
  outcome: { kind: 'failed' },
  durationMs: 192_000,
  typed: 'staging @smoke',
  rerunText: 'Re-run failed (2)',
  reportUrl: 'https://bot.example/r',
  isConfirmed: false,
  ...more,
});
const schedule = (id: string, more: Partial<Schedule> = {}): Schedule => ({
  id,
  command: { environment: 'staging', tags: '@smoke', features: [] },
  times: { kind: 'every', minutes: 120 },
  by: 'U0ADA',
  channel: 'C0UITESTS',
  madeAt: '2026-11-27T09:00:00.000Z',
  ...more,
});
const home = (view: Partial<HomeView> = {}) =>
  homeView({ environments: [environment('staging')], mine: [], schedules: [], at: '2026-11-27T09:00:00.000Z', ...view });
const textOf = (view: Partial<HomeView>): string => JSON.stringify(home(view).blocks);

/** What Slack would say of it. */
const faults = (view: Partial<HomeView>) => checkView(home(view));

describe('the Home', () => {
  it.each([
    ['nothing at all', { environments: [] }],
    ['an environment in which nothing has run', { environments: [environment('staging', { standing: undefined })] }],
    ['one of each', { mine: [run('staging-1')], schedules: [{ schedule: schedule('staging-a'), next: [1_800_000_000_000], changes: [] }] }],
    [
      'more than it has room for',
      {
        environments: Array.from({ length: 40 }, (_, index) =>
          environment(`env-${index}`, {
            on: Array.from({ length: 5 }, (_, run) => ({
              environment: `env-${index}`,
              runId: `env-${index}-${run}`,
              words: 'staging running',
            })),
            waiting: 3,
          }),
        ),
        mine: Array.from({ length: 9 }, (_, index) => run(`staging-${index}`)),
        schedules: Array.from({ length: 40 }, (_, index) => ({ schedule: schedule(`staging-${index}`), next: [], changes: [] })),
        coldStarts: { at: '2026-11-27T09:00:00.000Z', text: 'x'.repeat(9_000) },
        notice: 'y'.repeat(9_000),
      },
    ],
  ] satisfies [string, Partial<HomeView>][])('with %s is one that Slack takes', (_, view) => expect(faults(view)).toEqual([]));

  it('with any text is one that Slack takes, and pings nobody', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const hostile = `${text}<!channel><@U0EVE>`;
        const view = {
          environments: [environment('staging', { on: [{ environment: 'staging', runId: 'staging-1', words: hostile }] })],
          mine: [run('staging-1', { typed: hostile })],
          coldStarts: { at: '2026-11-27T09:00:00.000Z', text: hostile },
        };
        expect(faults(view)).toEqual([]);
        // A button's value is shown to nobody.
        expect(textOf(view).replace(/"value":"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/<!channel>|<@U0EVE>/);
      }),
      { numRuns: cases(50) },
    );
  });

  it('asks before a run where the environment asks, and has a button only for what can be done', () => {
    expect(textOf({ mine: [run('staging-1', { isConfirmed: true })] })).toMatch(/"action_id":"run_again_asked:staging-1".*"confirm":/);
    const bare = textOf({ mine: [run('staging-1', { typed: undefined, rerunText: undefined, reportUrl: undefined })] });
    expect(bare).not.toMatch(/run_again|rerun_|open_report/);
  });

  it('says beside each strip of squares what they are', () => {
    expect(textOf({})).toMatch(/(?:🟩|🟥|⬜){20}/);
    expect(textOf({})).toContain('The last 20 runs, the newest last: ');
  });
});
