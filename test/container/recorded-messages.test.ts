import { expect, it } from 'vitest';
import { someOf } from '../every-row.ts';
import { record, recordings } from '../fixtures/messages/record.ts';
import { judged, recorded } from '../outcome/streams.ts';

/** What of a suite does not depend on which worker was quicker. */
const facts = (name: string, messages: string) => {
  const { counts, broken, end, flaky } = judged(messages);
  return name === 'worker-exit' ? { broken: broken?.kind, end } : { counts, broken, end, flaky };
};

it.each(someOf(Object.entries(recordings), 6))('the installed cucumber-js still says what was recorded: %s', async (name, recording) => {
  const { messages } = await record(recording);
  expect(facts(name, messages)).toEqual(facts(name, recorded.get(name) ?? ''));
});

it('there is no recording that nothing records', () => {
  expect([...recorded.keys()]).toEqual(Object.keys(recordings).toSorted());
});
