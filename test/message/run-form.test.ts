import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkView } from '../../src/local/slack/block-kit-view.ts';
import { placedElements, stateOf } from '../../src/local/slack/slack-action.ts';
import { type RunForm, runFormView } from '../../src/message/run-form.ts';
import type { Dealable } from '../../src/run/deal.ts';
import type { KnownSuite } from '../../src/run/known-suite.ts';
import { environmentOf } from '../catalogue.ts';
import { cases, someOf } from '../every-row.ts';

const environment = environmentOf({
  name: 'staging',
  tasksAtOnce: 40,
  shards: 2,
  refs: ['main'],
  suite: { repository: 'https://example.com/s.git' },
});
const scenario = (number: number): Dealable => ({
  id: `s${number}`,
  uri: `features/${number % 150}.feature`,
  tags: ['@all', `@tag-${number % 300}`],
});
const suiteOf = (size: number): KnownSuite => {
  const scenarios = Array.from({ length: size }, (_, number) => scenario(number));
  return { scenarios, durations: new Map(scenarios.map(({ id }) => [id, 6_000])), startMs: 35_000 };
};
const formOf = (fields: Partial<RunForm> = {}): RunForm => ({
  environments: ['staging', 'demo'],
  environment,
  filled: { choice: { environment: 'staging', tags: '', features: [] }, isOwn: false, isStale: false },
  suite: suiteOf(0),
  closed: [],
  metadata: '{"channelId":"C0UITESTS"}',
  ...fields,
});
interface Held {
  readonly value?: string;
  readonly selected_option?: { readonly value: string };
  readonly selected_options?: readonly { readonly value: string }[];
}
const shown = (form: RunForm) => JSON.stringify(runFormView(form).blocks);

describe('the form', () => {
  it.each([0, 1, 10, ...someOf([30_000, 1_000], 2)])('of a suite of %i scenarios is one that Slack takes', (size) => {
    expect(checkView(runFormView(formOf({ suite: suiteOf(size) })))).toEqual([]);
  });

  it('is taken whatever the suite, the person and the file are called', () => {
    const odd = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('@a b', '<!channel>', ' ', '@', '`'));
    const ofSuite = fc.array(fc.record({ id: odd, uri: odd, tags: fc.array(odd, { maxLength: 3 }) }), { maxLength: 30 });
    const choice = fc.record({
      environment: fc.constant('staging'),
      tags: odd,
      features: fc.array(odd, { maxLength: 5 }),
      ref: odd,
      shards: odd,
      retry: odd,
    });
    fc.assert(
      fc.property(
        ofSuite,
        choice,
        fc.boolean(),
        fc.array(odd.map((text) => `You may not run on ${text}`)),
        (scenarios, chosen, isOwn, closed) => {
          const suite = { scenarios, durations: new Map(), startMs: 35_000 };
          const view = runFormView(formOf({ suite, closed, filled: { choice: chosen, isOwn, isStale: false } }));
          expect(checkView(view)).toEqual([]);
        },
      ),
      { numRuns: cases(300) },
    );
  });

  it('says how many scenarios and minutes a choice means, and how long each number of tasks takes', () => {
    const suite = suiteOf(300);
    expect(shown(formOf({ suite }))).toContain('all 300 scenarios · about 16 min');
    expect(shown(formOf({ suite }))).toContain('10 tasks · about 4 min');
    const filled = { choice: { environment: 'staging', tags: '@tag-7', features: [] }, isOwn: false, isStale: false };
    expect(shown(formOf({ suite, filled }))).toContain('That means 1 scenario · about a minute');
  });

  it('warns of a choice that means nothing, and knows that it knows nothing yet', () => {
    const filled = { choice: { environment: 'staging', tags: '@nobody', features: [] }, isOwn: true, isStale: false };
    expect(shown(formOf({ suite: suiteOf(3), filled }))).toContain('checks nothing');
    expect(shown(formOf())).toContain('Nothing has run here yet');
  });

  it('says where somebody may not run, and who may', () => {
    expect(shown(formOf({ closed: ['You may not run tests on *production*. <@U0GRACE> may.'] }))).toContain('<@U0GRACE> may');
  });

  it('begins with what was chosen last, as far as it is still offered', () => {
    const choice = {
      environment: 'staging',
      tags: '@all',
      features: ['features/3.feature', 'gone.feature'],
      shards: '4',
      retry: '3',
      ref: 'main',
    };
    const { blocks } = runFormView(formOf({ suite: suiteOf(10), filled: { choice, isOwn: false, isStale: false } }));
    const held = Object.values(stateOf(placedElements(blocks))).flatMap((of) => Object.values(of)) as readonly Held[];
    const initial = held.map((one) => one.value ?? one.selected_option?.value ?? one.selected_options?.map(({ value }) => value));
    expect(initial).toEqual(['staging', 'tag:@all', ['features/3.feature'], 'main', '4', '3']);
  });
});
