import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, errorOf, longestError, plainText, trimError } from '../../src/outcome/error-text.ts';

const esc = String.fromCharCode(27);

describe('an error', () => {
  it("keeps the suite's own frames and no others", () => {
    const raw = `TimeoutError: locator.click: Timeout 5000ms exceeded.
Call log:
  - waiting for getByRole('button')

    at LoginPage.logIn (file:///suite/features/support/login-page.ts:12:33)
    at processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async World.<anonymous> (file:///suite/features/steps/login.ts:8:3)
    at Array.map (<anonymous>)
    at async Promise.all (index 0)
    at eval (<anonymous>:1:1)
    at <anonymous>:1:1
    at click (/suite/node_modules/playwright-core/lib/client/locator.js:1:2)`;
    expect(trimError(raw)).toBe(`TimeoutError: locator.click: Timeout 5000ms exceeded.
Call log:
  - waiting for getByRole('button')
    at LoginPage.logIn (/suite/features/support/login-page.ts:12:33)
    at async World.<anonymous> (/suite/features/steps/login.ts:8:3)`);
  });

  it("leaves out Node's own remarks, and the frame before a cause's braces", () => {
    const raw = `Error: Configuration file "cucumber.json" failed to load/parse
    ... 2 lines matching cause stack trace ...
    at async file:///coldframe/cucumber-child.mjs:3:4435 {
  [cause]: SyntaxError: Unexpected end of JSON input
      at JSON.parse (<anonymous>)
}

Node.js v24.21.0`;
    expect(trimError(raw)).toBe(
      'Error: Configuration file "cucumber.json" failed to load/parse\n  [cause]: SyntaxError: Unexpected end of JSON input\n}',
    );
  });

  it('keeps prose that only looks like a frame', () => {
    expect(trimError('expected\n    at least one row')).toBe('expected\n    at least one row');
  });

  it.each([
    [`${esc}[31mred${esc}[39m and ${esc}[1;4mbold${esc}[0m`, 'red and bold'],
    [`${esc}]8;;https://example.org${esc}\\link${esc}]8;;${esc}\\`, 'link'],
    ['a\r\nb\u0000\u0007c\td', 'a\nbc\td'],
  ])('is plain text: %j', (raw, plain) => expect(plainText(raw)).toBe(plain));

  it('is bounded, and never cut inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 80 }), (text, length) => {
        const short = cut(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
    const megabytes = trimError(`Error: ${'<div>'.repeat(500_000)}\n    at step (/suite/features/steps.ts:1:1)`);
    expect(megabytes.length).toBeLessThanOrEqual(longestError);
    expect(trimError('Error: a\n'.repeat(500)).length).toBeLessThanOrEqual(longestError);
  });

  it.each([
    [{ message: 'Error: a\n    at x (/suite/s.js:1:1)' }, 'Error: a\n    at x (/suite/s.js:1:1)'],
    [
      { message: 'a', exception: { type: 'Error', message: 'a', stackTrace: 'Error: a\nfeatures/a.feature:3' } },
      'Error: a\nfeatures/a.feature:3',
    ],
    [{ exception: { type: 'TypeError', message: 'a' } }, 'a'],
    [{ exception: { type: 'TypeError' } }, 'TypeError'],
    [{ message: '' }, undefined],
    [{ message: 7, exception: 'x' }, undefined],
    [{}, undefined],
  ])('is found in a result of any schema: %j', (result, error) => expect(errorOf(result)).toBe(error));
});
