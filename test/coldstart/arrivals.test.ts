import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arrivalBook } from '../../src/coldstart/arrivals.ts';
import { cases } from '../every-row.ts';

it('arrivals come in the order of their time, whatever the order they were told in, each with all that belongs to it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 300 }), (times) => {
      const book = arrivalBook();
      for (const at of times)
        book.add({
          functionName: `f${at % 7}`,
          stream: `${at}`,
          arrivedMs: at,
          durationMs: at,
          initMs: at,
          found: at % 2 ? 'cold' : 'warm',
        });
      const arrivals = book.close();
      const told = times.map((_, at) => [
        arrivals.arrivedMs(at),
        arrivals.durationMs(at),
        arrivals.initMs(at),
        arrivals.functions[arrivals.functionAt(at)],
        arrivals.found(at),
      ]);
      expect(told).toEqual(times.toSorted((a, b) => a - b).map((at) => [at, at, at % 2 ? at : 0, `f${at % 7}`, at % 2 ? 'cold' : 'warm']));
    }),
    { numRuns: cases(100) },
  );
}, 60_000);
