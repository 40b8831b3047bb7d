import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Holding } from '../../src/hearing/hearing.ts';
import { hearable, usualHearing } from '../../src/hearing/settings.ts';
import { parseSettingsForm } from '../../src/hearing/settings-form.ts';
import { checkView } from '../../src/local/slack/block-kit-view.ts';
import { placedElements, stateOf } from '../../src/local/slack/slack-action.ts';
import { type SettingsForm, settingsFormView } from '../../src/message/settings-form.ts';
import { cases } from '../every-row.ts';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.constantFrom('<!channel>', '', '&amp;', 'daily 09:00 UTC'));
const settings = fc.record({
  runs: fc.constantFrom(...hearable),
  digest: text,
  quiet: text,
  asker: fc.constantFrom('every end' as const, 'failures' as const),
});
const holding: fc.Arbitrary<Holding> = fc.oneof(
  settings.map((of) => ({ kind: 'written' as const, settings: of })),
  settings.map((of) => ({ kind: 'damaged' as const, settings: of })),
  fc.record({
    kind: fc.constant('changed' as const),
    settings,
    by: text,
    at: fc.constant('2026-11-27T09:00:00.000Z'),
    change: fc.constant('c0ffee00c0ffee00'),
  }),
);
const places = Array.from({ length: 30 }, (_, index) => `C0PLACE${index}`);
const form: fc.Arbitrary<SettingsForm> = fc.record({
  environments: fc.constantFrom(
    ['staging'],
    Array.from({ length: 150 }, (_, index) => `env-${index}`),
  ),
  environment: fc.constant('staging'),
  place: fc.constantFrom(...places),
  places: fc.constantFrom([], places),
  home: fc.constant('C0PLACE0'),
  written: settings,
  holding,
  given: fc.option(settings, { nil: undefined }),
  lostAt: fc.constantFrom(undefined, '2026-11-27T09:00:00.000Z'),
  closed: fc.constantFrom(
    [],
    Array.from({ length: 40 }, () => 'You may not.'),
  ),
  channelId: fc.constantFrom(undefined, 'C0UITESTS'),
});

it('is one that Slack takes, whatever the file and people have written, pings nobody, and comes back as it was shown', () => {
  fc.assert(
    fc.property(form, (given) => {
      const view = settingsFormView(given);
      expect(checkView(view)).toEqual([]);
      expect(JSON.stringify(view.blocks.map((block) => ('text' in block ? block.text : '')))).not.toContain('<!channel>');
      const filled = parseSettingsForm(view.private_metadata ?? '', stateOf(placedElements(view.blocks)));
      const shown = { ...given.holding.settings, ...given.given };
      expect(filled).toMatchObject({
        environment: 'staging',
        place: given.place,
        given: { asker: shown.asker, quiet: shown.quiet.trim() },
      });
    }),
    { numRuns: cases(200) },
  );
});

it.each([
  ['{}', {}],
  ['null', {}],
  ['{"environment":"../x","place":"C0UITESTS"}', {}],
  ['{"environment":"staging","place":"<!channel>"}', {}],
  ['{"environment":"staging","place":"C0UITESTS"}', []],
  ['{"environment":"staging","place":"C0UITESTS"}', { environment: 'staging' }],
])('is not read out of %s with %j', (metadata, values) => {
  const read = parseSettingsForm(metadata, values);
  expect(read === undefined || Object.keys(read.given).length === 0).toBe(true);
});

it('holds what is usual when nothing was filled in', () => {
  const view = settingsFormView({
    ...{ environments: ['staging'], environment: 'staging', place: 'C0UITESTS', places: [], home: 'C0UITESTS', closed: [] },
    ...{ written: usualHearing, holding: { kind: 'written', settings: usualHearing } },
  });
  const filled = parseSettingsForm(view.private_metadata ?? '', stateOf(placedElements(view.blocks)));
  expect(filled).toMatchObject({ given: usualHearing, faults: {} });
});
