import { type End, hear } from '../../src/hearing/hear.ts';
import { type Hearing, nothingHeard } from '../../src/hearing/hearing.ts';
import type { HearSettings } from '../../src/hearing/settings.ts';
import { causeKey } from '../../src/outcome/cause.ts';
import { compare } from '../../src/outcome/compare.ts';
import { addRun, type History, noHistory, type RunToRemember } from '../../src/outcome/history.ts';
import type { Asker, Failure, Outcome } from '../../src/outcome/outcome.ts';
import type { ScenarioResult } from '../../src/outcome/scenario-result.ts';
import { countsOf, failureOf } from '../message/views.ts';
import { type Chance, chanceOf } from '../simulation/chance.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Days before it, by which the history knows what is flaky. */
const daysBefore = 3;
const scenarios = 100;
/** Each of these fails in a fifth of the runs, whatever is run. */
const flaky = new Set([7, 23, 42]);

/** One end of a run in that time, as the history sees it. */
export type Lived = Omit<End, 'settings' | 'channel' | 'everybody'> & { readonly atMs: number };

/**
 * The runs of some busy days, of which the last one counts: at night 30 of a schedule, by day 40 of merges and 12 that people ask
 * for. Three scenarios are flaky. At 10:00 a merge breaks two scenarios, which is mended at 13:00; one has been broken for days;
 * from 15:00 to 16:30 the environment does not answer.
 */
export function busyDays(seed: number): { readonly ends: readonly Lived[]; readonly fromMs: number } {
  const chance = chanceOf(seed);
  const beginMs = Date.UTC(2026, 10, 23);
  const fromMs = beginMs + daysBefore * dayMs;
  const slots = Array.from({ length: daysBefore + 1 }, (_, day) => slotsOf(beginMs + day * dayMs, chance)).flat();
  let history: History = noHistory;
  const ends: Lived[] = [];
  for (const [index, { atMs, asker }] of slots.toSorted((a, b) => a.atMs - b.atMs).entries()) {
    const isLast = atMs >= fromMs;
    const failures = failuresAt(atMs - fromMs, isLast, chance);
    const results = Array.from({ length: scenarios }, (_, number) => resultOf(number, failures));
    const at = new Date(atMs).toISOString();
    const run: RunToRemember = {
      ...{ id: `staging-${index}`, at, tags: '', features: [], kind: failures.length > 0 ? 'failed' : 'passed', scenarios: results },
      // The suite is the same all day.
      code: 'sha256:1',
    };
    const comparison = compare(history, run);
    history = addRun(history, run);
    ends.push({ atMs, runId: run.id, asker, outcome: outcomeOf(failures), comparison, isStanding: asker.kind === 'slack' });
  }
  return { ends, fromMs };
}

function slotsOf(dayAtMs: number, chance: Chance): readonly { readonly atMs: number; readonly asker: Asker }[] {
  const within = (from: number, to: number): number => dayAtMs + chance.between(from * hourMs, to * hourMs);
  return [
    ...Array.from({ length: 30 }, () => ({ atMs: within(0, 6), asker: { kind: 'schedule', name: 'nightly' } as const })),
    ...Array.from({ length: 40 }, () => ({ atMs: within(8, 19), asker: { kind: 'http', keyId: 'merges' } as const })),
    ...Array.from({ length: 12 }, () => ({ atMs: within(8, 19), asker: { kind: 'slack', userId: 'U0ADA' } as const })),
  ];
}

const named = (number: number) => ({
  ...{ id: `s${number}`, feature: 'Shop', uri: `features/${number % 10}.feature`, line: number, scenario: `Scenario ${number}` },
});

function failuresAt(ofDayMs: number, isLast: boolean, chance: Chance): readonly Failure[] {
  const hour = ofDayMs / hourMs;
  const isDown = isLast && hour >= 15 && hour < 16.5;
  const isBroken = (number: number): boolean => number === 88 || (isLast && hour >= 10 && hour < 13 && (number === 50 || number === 51));
  return Array.from({ length: scenarios }, (_, number) => number).flatMap((number) => {
    // The chance is asked for in any case, so that all that follows stays the same.
    const isFlake = flaky.has(number) && chance.happens(0.2);
    if (!isDown && !isFlake && !isBroken(number)) return [];
    const error = isDown ? 'page.goto: net::ERR_CONNECTION_REFUSED at https://staging.example.com/' : `Error: ${number}`;
    return [failureOf({ ...named(number), error, owners: [`S0TEAM${number % 10}`] })];
  });
}

function resultOf(number: number, failures: readonly Failure[]): ScenarioResult {
  const failure = failures.find(({ id }) => id === `s${number}`);
  return {
    ...named(number),
    verdict: failure === undefined ? 'passed' : 'failed',
    durationMs: 1_000,
    ...(failure && { cause: causeKey(failure) }),
  };
}

function outcomeOf(failures: readonly Failure[]): Outcome {
  const counts = countsOf({ passed: scenarios - failures.length, failed: failures.length });
  return failures.length === 0
    ? { kind: 'passed', counts, flaky: [], durationMs: 1 }
    : { kind: 'failed', counts, flaky: [], failures, durationMs: 1 };
}

/** What a channel and its people get on the last of those days. */
export interface Got {
  /** Messages of their own. */
  readonly messages: number;
  readonly inThreads: number;
  readonly digests: number;
  /** Messages that ping somebody who has not asked for the run, and how many people and groups those name in all. */
  readonly pings: number;
  readonly pinged: number;
  /** Runs that were neither green nor said anywhere. */
  readonly unsaid: number;
}

/** What becomes of the busy days with these settings. */
export function lived({ ends, fromMs }: ReturnType<typeof busyDays>, settings: HearSettings): Got {
  let hearing: Hearing = nothingHeard;
  const got = { messages: 0, inThreads: 0, digests: 0, pings: 0, pinged: 0, unsaid: 0 };
  const count = (atMs: number, what: 'messages' | 'inThreads' | 'digests', pings: readonly string[]) => {
    if (atMs < fromMs) return;
    got[what] += 1;
    if (pings.length > 0) got.pings += 1;
    got.pinged += pings.length;
  };
  const tellHeld = (nowMs: number) => {
    const due = hearing.held.filter(({ until }) => Date.parse(until) <= nowMs);
    const open = new Set(hearing.open.map(({ key }) => key));
    for (const [until, those] of Map.groupBy(due, (held) => held.until)) {
      const pings = those.filter(({ keys }) => keys.some((key) => open.has(key))).flatMap((held) => held.pings);
      count(Date.parse(until), 'digests', [...new Set(pings)]);
    }
    hearing = { ...hearing, held: hearing.held.filter((held) => !due.includes(held)) };
  };
  for (const { atMs, ...end } of ends) {
    tellHeld(atMs);
    const decided = hear(hearing, { ...end, settings, channel: 'C0UITESTS', everybody: ['S0ONCALL'] }, atMs);
    hearing = decided.hearing;
    const { place, pings, heldUntil } = decided.heard;
    if (place.kind === 'channel' || place.kind === 'standing') count(atMs, 'messages', pings);
    if (place.kind === 'thread') count(atMs, 'inThreads', pings);
    if (place.kind === 'nowhere' && end.outcome.kind !== 'passed' && heldUntil === undefined) got.unsaid += 1;
    if (place.kind === 'channel' && end.outcome.kind !== 'passed')
      hearing = { ...hearing, last: { channel: 'C0UITESTS', ts: String(atMs), at: new Date(atMs).toISOString() } };
  }
  tellHeld(fromMs + dayMs);
  return got;
}
