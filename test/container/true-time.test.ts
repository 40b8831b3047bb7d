import type { Envelope } from '@cucumber/messages';
import { describe, expect, it } from 'vitest';
import { withTrueTime } from '../../container/true-time.ts';

const atMs = Date.parse('2026-11-23T04:12:31.402Z');
const finishedAt = (iso: string): Envelope => {
  const ms = Date.parse(iso);
  return { testRunFinished: { success: true, timestamp: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 } } };
};

describe('the time of a message', () => {
  it.each(['2026-11-23T04:12:31.402Z', '2026-11-23T04:12:10.000Z'])('said as %s is left as cucumber said it', (iso) => {
    const message = finishedAt(iso);
    expect(withTrueTime(message, atMs)).toBe(message);
  });

  it.each(['2099-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z', '2026-11-23T03:12:31.402Z'])('said as %s is mended', (iso) => {
    expect(withTrueTime(finishedAt(iso), atMs)).toEqual(finishedAt('2026-11-23T04:12:31.402Z'));
  });

  it('is not made up for a message that has none', () => {
    const message: Envelope = { source: { uri: 'a.feature', data: '', mediaType: 'text/x.cucumber.gherkin+plain' as never } };
    expect(withTrueTime(message, atMs)).toBe(message);
  });
});
