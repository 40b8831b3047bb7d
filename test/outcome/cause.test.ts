import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeKey, type Failed, groupByCause } from '../../src/outcome/cause.ts';
import { essenceOf, essentials } from '../../src/outcome/error-essence.ts';
import { trimError } from '../../src/outcome/error-text.ts';
import { cases } from '../every-row.ts';
import { judged, recorded, samples } from './streams.ts';

const failed = (error: string, step = 'When I do it'): Failed => ({ status: 'failed', step, error: trimError(error) });
const isSame = (a: Failed, b: Failed): boolean => causeKey(a) === causeKey(b);

const clickTimeout = (locator: string, frame: string, timeout = 5000) => `TimeoutError: locator.click: Timeout ${timeout}ms exceeded.
Call log:
  - waiting for ${locator}
    - locator resolved to <button disabled type="submit">Log in</button>
  - attempting click action
    ${timeout / 100} × waiting for element to be visible, enabled and stable

    at ${frame}`;

const refused = (url: string, call = 'page.goto') => `Error: ${call}: net::ERR_CONNECTION_REFUSED at ${url}
Call log:
  - navigating to "${url}", waiting until "load"

    at World.<anonymous> (features/steps/${call.length}.ts:${url.length}:3)`;

const noSuchElement = (
  selector: string,
  version = '156.0.8078.79',
) => `NoSuchElementError: no such element: Unable to locate element: {"method":"css selector","selector":"${selector}"}
  (Session info: chrome=${version}); For documentation on this error, please visit: https://www.selenium.dev/documentation/webdriver/troubleshooting/errors#nosuchelementexception
    at World.<anonymous> (features/steps.js:${selector.length}:5)`;

const notEqual = (actual: number, expected: number, line: number) => `AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

${actual} !== ${expected}

    at World.<anonymous> (features/steps.js:${line}:10)`;

const visible = (locator: string, ms: number) => `Error: expect(locator).toBeVisible() failed

Locator: ${locator}
Expected: visible
Timeout: ${ms}ms
Error: element(s) not found

Call log:
  - Expect "toBeVisible" with timeout ${ms}ms
  - waiting for ${locator}

    at World.<anonymous> (features/steps.ts:${ms}:10)`;

const logIn = "getByRole('button', { name: 'Log in' })";

describe('failures have one cause', () => {
  it.each<[string, Failed, Failed]>([
    [
      'one button that is not there, for whoever looks for it',
      failed(clickTimeout(logIn, 'a (a.ts:1:2)')),
      failed(clickTimeout(logIn, 'b (b.ts:7:9)', 30_000)),
    ],
    [
      'a server that does not answer, whatever is asked of it',
      failed(refused('http://127.0.0.1:36569/login')),
      failed(refused('http://127.0.0.1:41000/orders/17?x=1', 'page.reload')),
    ],
    [
      'a host that does not answer Node',
      failed('Error: connect ECONNREFUSED 127.0.0.1:5432\n    at x (a.ts:1:1)'),
      failed('Error: connect ECONNREFUSED 127.0.0.1:5433\n    at y (b.ts:2:2)'),
    ],
    [
      'a cause in a cause',
      failed('TypeError: fetch failed\n    at a (a.ts:1:1) {\n  [cause]: Error: connect ECONNREFUSED 10.0.0.1:80'),
      failed('TypeError: fetch failed\n    at b (b.ts:1:1) {\n  [cause]: Error: connect ECONNREFUSED 10.0.0.1:81'),
    ],
    [
      'an element that Selenium does not find, in any version of Chrome',
      failed(noSuchElement('#pay')),
      failed(noSuchElement('#pay', '157.0.1')),
    ],
    [
      'an assertion with other values, in one place',
      failed(notEqual(3, 4, 26), 'Then I have 4 apples'),
      failed(notEqual(-8, 0, 26), 'Then I have 0 pears'),
    ],
    ['something that stays invisible', failed(visible(logIn, 5000)), failed(visible(logIn, 10_000))],
    [
      'a browser that is gone',
      failed('Error: page.click: Target page, context or browser has been closed\n    at a (a.ts:1:1)'),
      failed('Error: page.title: Target page, context or browser has been closed\n    at b (b.ts:9:1)'),
    ],
    [
      'a step that is too slow, for all values',
      failed('Error: function timed out, ensure the promise resolves within 5000 milliseconds', 'When I buy "apples"'),
      failed('Error: function timed out, ensure the promise resolves within 5000 milliseconds', 'And I buy "pears"'),
    ],
    [
      'one line that says no, of anybody',
      failed("Error: no account for 'anna@example.org'\n    at logIn (support/user.ts:8:3)"),
      failed("Error: no account for 'bob@example.org'\n    at logIn (support/user.ts:8:9)"),
    ],
    [
      'an id',
      failed('Error: order 7f3c9a1e-1111-4222-8333-944445555666 is late\n    at a (a.ts:1:1)'),
      failed('Error: order 00000000-aaaa-4bbb-8ccc-dddddddddddd is late\n    at a (a.ts:1:1)'),
    ],
    [
      'a time, a run, a file',
      failed('Error: 2026-11-23T04:12:00.000Z run k3f9qa wrote /tmp/x-Ab12/a.log\n    at a (a.ts:1:1)'),
      failed('Error: 2026-11-24T14:02:11Z run h7x2mm wrote /tmp/x-Zz9/b.log\n    at a (a.ts:1:1)'),
    ],
    [
      'a step nobody defined',
      { status: 'undefined', step: 'When I buy 3 "apples"', error: 'There is no step definition for this step.' },
      { status: 'undefined', step: 'Given I buy 4 "pears"', error: 'There is no step definition for this step.' },
    ],
    [
      'a pending step',
      { status: 'pending', step: 'When I am 1', error: 'TODO\nfeatures/a.feature:3' },
      { status: 'pending', step: 'Then I am 2', error: 'TODO\nfeatures/a.feature:9' },
    ],
    [
      'a Java stack',
      failed('org.opentest4j.AssertionFailedError: expected: <3> but was: <4>\n\tat com.example.Steps.have(Steps.java:12)'),
      failed('org.opentest4j.AssertionFailedError: expected: <1> but was: <2>\n\tat com.example.Steps.have(Steps.java:12)'),
    ],
    [
      'a Ruby stack',
      failed("expected: 3\n     got: 4 (RSpec::Expectations::ExpectationNotMetError)\n./features/steps.rb:4:in `have'"),
      failed("expected: 1\n     got: 2 (RSpec::Expectations::ExpectationNotMetError)\n./features/steps.rb:4:in `have'"),
    ],
  ])('%s', (_, a, b) => expect(causeKey(a)).toBe(causeKey(b)));
});

describe('failures have causes of their own', () => {
  it.each<[string, Failed, Failed]>([
    [
      'two buttons',
      failed(clickTimeout(logIn, 'a (a.ts:1:2)')),
      failed(clickTimeout("getByRole('button', { name: 'Pay' })", 'a (a.ts:1:2)')),
    ],
    ['two servers', failed(refused('https://shop.example.com/')), failed(refused('https://pay.example.com/'))],
    [
      'no answer and no name',
      failed('Error: page.goto: net::ERR_CONNECTION_REFUSED at http://a/'),
      failed('Error: page.goto: net::ERR_NAME_NOT_RESOLVED at http://a/'),
    ],
    ['two elements', failed(noSuchElement('#pay')), failed(noSuchElement('#cancel'))],
    ['two assertions of one step file', failed(notEqual(3, 4, 26)), failed(notEqual(3, 4, 30))],
    [
      'two classes of error with the same words',
      failed('TypeError: no\n    at a (a.ts:1:1)'),
      failed('RangeError: no\n    at a (a.ts:1:1)'),
    ],
    ['two slow steps', failed('Error: function timed out', 'When I wait'), failed('Error: function timed out', 'When I sleep')],
    [
      'two failures of one helper',
      failed('Error: The API says:\n  500 of orders\n    at api (api.ts:1:1)'),
      failed('Error: The API says:\n  404 of users\n    at api (api.ts:1:1)'),
    ],
    [
      'a property and another',
      failed("TypeError: Cannot read properties of undefined (reading 'total')\n    at a (a.ts:1:1)"),
      failed("TypeError: Cannot read properties of undefined (reading 'price')\n    at b (b.ts:1:1)"),
    ],
    ['undefined and pending', { status: 'undefined', step: 'When I am', error: 'x' }, { status: 'pending', step: 'When I am', error: 'x' }],
    [
      'a step, and one whose parameter type is missing',
      { status: 'undefined', step: 'When I see red', error: 'There is no step definition for this step.' },
      {
        status: 'undefined',
        step: 'When I see red',
        error:
          'There is no step definition for this step: "I see {colour}" was left out, because the parameter type {colour} is not defined.',
      },
    ],
  ])('%s', (_, a, b) => expect(causeKey(a)).not.toBe(causeKey(b)));
});

const texts = [
  clickTimeout(logIn, 'a (a.ts:1:2)'),
  clickTimeout("locator('#pay')", 'a (a.ts:1:2)'),
  refused('http://a/b'),
  refused('http://c/d'),
  noSuchElement('#pay'),
  notEqual(1, 2, 3),
  notEqual(1, 2, 4),
  visible(logIn, 500),
  'TypeError: x is not a function\n    at a (a.ts:1:1)',
  'RangeError: x is not a function\n    at a (a.ts:1:1)',
  'whoops',
  '',
];
const anyFailure = fc.record({
  status: fc.constantFrom('failed', 'undefined', 'ambiguous', 'pending'),
  step: fc.constantFrom('When I log in', 'Then I have 3 apples', 'Then I have 4 apples', 'hook Before @admin'),
  error: fc.oneof(fc.constantFrom(...texts).map(trimError), fc.string()),
});

describe('grouping', () => {
  it('puts the largest group first, and speaks in the words of its first failure', () => {
    const errors = [
      notEqual(1, 2, 3),
      ...['/a', '/b', '/c'].map((path) => refused(`http://shop.example.com${path}`)),
      clickTimeout(logIn, 'a (a.ts:1:1)'),
    ];
    const causes = groupByCause(errors.map((error) => failed(error)));
    expect(causes.map(({ words, failures }) => `${failures.length}: ${words}`)).toEqual([
      '3: Error: page.goto: net::ERR_CONNECTION_REFUSED at http://shop.example.com/a',
      '1: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 1 !== 2',
      "1: TimeoutError: locator.click: Timeout 5000ms exceeded: waiting for getByRole('button', { name: 'Log in' })",
    ]);
  });

  it('does not depend on the order, and loses no failure', () => {
    fc.assert(
      fc.property(fc.array(anyFailure, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (all, dice) => {
        const groups = (failures: readonly Failed[]) =>
          groupByCause(failures)
            .map((cause) => [cause.key, cause.failures.length])
            .toSorted();
        const shuffled = all.map((failure) => ({ failure, by: dice.next().value })).toSorted((a, b) => a.by - b.by);
        expect(groups(shuffled.map(({ failure }) => failure))).toEqual(groups(all));
        expect(groupByCause(all).flatMap(({ failures }) => failures)).toHaveLength(all.length);
        const sizes = groupByCause(all).map(({ failures }) => failures.length);
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      }),
    );
  });

  it('never puts errors of two classes together', () => {
    const name = fc.constantFrom(
      'Error',
      'TypeError',
      'TimeoutError',
      'NoSuchElementError',
      'AssertionError',
      'org.openqa.selenium.NoSuchElementException',
    );
    const words = fc.constantFrom(...texts.map((error) => error.replace(/^[\w.]+(?: \[\w+\])?: /, '')));
    fc.assert(
      fc.property(name, name, words, words, (a, b, one, two) => {
        if (a !== b) expect(isSame(failed(`${a}: ${one}`), failed(`${b}: ${two}`))).toBe(false);
      }),
    );
  });

  it('comes to the same for an error of which only the essentials are kept', () => {
    fc.assert(
      fc.property(anyFailure, (failure) => {
        const short = { ...failure, error: essentials(failure.error) };
        expect(causeKey(short)).toBe(causeKey(failure));
        expect(essenceOf(short.error)).toEqual(essenceOf(failure.error));
        expect(short.error.length).toBeLessThan(650);
      }),
      { numRuns: cases(500) },
    );
  });

  it.each([
    ['everything', [1, 1, 1, 1, 1, 1, 1]],
    ['undefined', [3, 1]],
    ['undefined-multiple', [6, 1]],
    ['retry', [1]],
    ['failedish-combinations', [4, 2, 1, 1]],
    ['examples-tables', [2]],
  ])('%s has groups of %j', (name, sizes) => {
    const causes = groupByCause(judged(recorded.get(name) ?? samples.get(name) ?? '').failures.map(({ failure }) => failure));
    expect(causes.map(({ failures }) => failures.length)).toEqual(sizes);
  });
});
