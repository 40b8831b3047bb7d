import type { Envelope } from '@cucumber/messages';

/** What a scenario of a made-up suite comes to. */
export type Fate = 'passes' | 'fails' | 'is flaky' | 'is undefined' | 'never ends' | 'never begins';

export interface SuiteShape {
  readonly features: number;
  readonly scenarios: number;
  readonly fateOf?: (number: number) => Fate;
  /** The error of a scenario that fails. */
  readonly errorOf?: (number: number) => string;
  /** A stored screenshot of each failure. */
  readonly screenshot?: string;
  /** Absent: the run comes to its end. */
  readonly isCutOff?: boolean;
}

const areas = ['Basket', 'Checkout', 'Login', 'Search', 'Orders', 'Delivery', 'Vouchers', 'Account', 'Stock', 'Returns'];
const people = ['a visitor', 'a member', 'a guest', 'an admin', 'a returning customer'];
const deeds = [
  'buys one thing',
  'empties the basket',
  'pays by card',
  'asks for an invoice',
  'changes the address',
  'comes back a day later',
];
const pick = <T>(from: readonly T[], number: number): T => from[number % from.length] as T;

/**
 * An error of Playwright as it comes.
 *
 * @public
 */
export const timeout = `locator.click: Timeout 5000ms exceeded.
Call log:
  - waiting for getByRole('button', { name: 'Pay' })
    - locator resolved to <button disabled type="submit">Pay</button>
  - attempting click action
    - waiting for element to be visible, enabled and stable
    - element is not enabled
    at World.<anonymous> (features/steps/checkout.ts:48:22)`;

/**
 * An error of a shop that is down.
 *
 * @public
 */
export const refused =
  'page.goto: net::ERR_CONNECTION_REFUSED at https://shop.example.test/basket\n    at World.<anonymous> (features/steps/page.ts:12:16)';

/**
 * An error of an assertion.
 *
 * @public
 */
export const assertion = `AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal:
+ actual - expected

  {
+   delivery: 'standard',
-   delivery: 'express',
    total: 41.5
  }
    at World.<anonymous> (features/steps/orders.ts:31:10)`;

const stamp = (ms: number) => ({ seconds: 1_795_000_000 + Math.floor(ms / 1000), nanos: Math.floor((ms % 1000) * 1_000_000) });
const took = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: Math.floor((ms % 1000) * 1_000_000) });
const envelope = (value: unknown): Envelope => value as Envelope;

const steps = (number: number) => [
  ['Given ', `${pick(people, number)} with ${(number % 7) + 1} things in the basket`],
  ['When ', `${pick(people, number).replace(/^an? /, 'the ')} ${pick(deeds, number)}`],
  ['And ', 'the page has been loaded again'],
  ['Then ', `the order number ${1000 + number} is shown`],
  ['And ', 'an e-mail is on its way'],
];

/** The Cucumber messages of a suite of this shape, one after the other: what cucumber-js would write of it. */
export function* aSuite(shape: SuiteShape): Generator<Envelope> {
  const { features, scenarios, fateOf = () => 'passes', isCutOff = false } = shape;
  const per = Math.ceil(scenarios / Math.max(1, features));
  yield envelope({ meta: { protocolVersion: '34.2.1', implementation: { name: 'cucumber-js', version: '13.3.0' } } });
  for (let feature = 0; feature < features; feature += 1)
    yield* featureOf(feature, feature * per, Math.min(scenarios, (feature + 1) * per));
  yield envelope({
    hook: { id: 'hook', type: 'AFTER_TEST_CASE', sourceReference: { uri: 'features/support/hooks.ts', location: { line: 9 } } },
  });
  yield envelope({ testRunStarted: { id: 'run', timestamp: stamp(0) } });
  for (let number = 0; number < scenarios; number += 1) yield testCaseOf(number);
  const clock = { ms: 1000 };
  let isSuccess = true;
  for (let number = 0; number < scenarios; number += 1) {
    const fate = fateOf(number);
    isSuccess &&= fate === 'passes' || fate === 'is flaky';
    if (fate !== 'never begins') yield* attemptsOf(number, fate, shape, clock);
  }
  if (!isCutOff) yield envelope({ testRunFinished: { success: isSuccess, timestamp: stamp(clock.ms), testRunStartedId: 'run' } });
}

function* featureOf(feature: number, from: number, to: number): Generator<Envelope> {
  const name = `${pick(areas, feature)}${feature < areas.length ? '' : ` ${Math.floor(feature / areas.length) + 1}`}`;
  const uri = `features/${name.toLowerCase().replaceAll(' ', '-')}.feature`;
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const children = numbers.map((number) => ({
    scenario: {
      id: `n${number}`,
      location: { line: 3 + (number - from) * 7 },
      name: nameOf(number),
      steps: steps(number).map(([keyword, text], index) => ({ id: `n${number}-${index}`, keyword, text, location: { line: 4 } })),
    },
  }));
  yield envelope({ gherkinDocument: { uri, feature: { name, children } } });
  for (const number of numbers)
    yield envelope({
      pickle: {
        id: `p${number}`,
        uri,
        name: nameOf(number),
        astNodeIds: [`n${number}`],
        tags: [{ name: `@${pick(areas, feature).toLowerCase()}` }, ...(number % 5 === 0 ? [{ name: '@smoke' }] : [])],
        location: { line: 3 + (number - from) * 7 },
        steps: steps(number).map(([, text], index) => ({ id: `p${number}-${index}`, text, astNodeIds: [`n${number}-${index}`] })),
      },
    });
}

const nameOf = (number: number): string => {
  const name = `${pick(people, number)} ${pick(deeds, number)}`;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}${number < 30 ? '' : `, case ${number}`}`;
};

const testCaseOf = (number: number): Envelope =>
  envelope({
    testCase: {
      id: `c${number}`,
      pickleId: `p${number}`,
      testSteps: [
        ...steps(number).map((_, index) => ({ id: `c${number}-${index}`, pickleStepId: `p${number}-${index}`, stepDefinitionIds: ['d'] })),
        { id: `c${number}-hook`, hookId: 'hook' },
      ],
    },
  });

function* attemptsOf(number: number, fate: Fate, shape: SuiteShape, clock: { ms: number }): Generator<Envelope> {
  if (fate === 'is flaky') yield* attemptOf(number, { fate: 'fails', attempt: 0, willBeRetried: true }, shape, clock);
  yield* attemptOf(
    number,
    { fate: fate === 'is flaky' ? 'passes' : fate, attempt: fate === 'is flaky' ? 1 : 0, willBeRetried: false },
    shape,
    clock,
  );
}

function* attemptOf(
  number: number,
  { fate, attempt, willBeRetried }: { fate: Fate; attempt: number; willBeRetried: boolean },
  { errorOf = () => timeout, screenshot }: SuiteShape,
  clock: { ms: number },
): Generator<Envelope> {
  const testCaseStartedId = `s${number}-${attempt}`;
  yield envelope({ testCaseStarted: { id: testCaseStartedId, testCaseId: `c${number}`, attempt, timestamp: stamp(clock.ms) } });
  const badFrom = fate === 'passes' ? Number.POSITIVE_INFINITY : 1 + (number % 3);
  for (const index of steps(number).keys()) {
    const testStepId = `c${number}-${index}`;
    yield envelope({ testStepStarted: { testCaseStartedId, testStepId, timestamp: stamp(clock.ms) } });
    if (fate === 'never ends' && index >= badFrom) return;
    const ms = index > badFrom ? 0 : index === badFrom && fate === 'fails' ? 5000 : 80 + ((number * 37 + index * 101) % 900);
    clock.ms += ms;
    const bad = fate === 'is undefined' ? { status: 'UNDEFINED' } : { status: 'FAILED', message: errorOf(number) };
    const status = index < badFrom ? { status: 'PASSED' } : index === badFrom ? bad : { status: 'SKIPPED' };
    yield envelope({
      testStepFinished: { testCaseStartedId, testStepId, timestamp: stamp(clock.ms), testStepResult: { ...status, duration: took(ms) } },
    });
  }
  const testStepId = `c${number}-hook`;
  if (fate === 'fails') {
    if (screenshot !== undefined)
      yield envelope({
        attachment: { testCaseStartedId, testStepId, mediaType: 'image/png', fileName: 'screenshot.png', body: '', url: screenshot },
      });
    const said =
      'page: https://shop.example.test/basket\nGET https://shop.example.test/api/stock: 503 Service Unavailable\nconsole error: stock is not known';
    yield envelope({
      attachment: {
        testCaseStartedId,
        testStepId,
        mediaType: 'text/plain',
        fileName: 'browser.txt',
        body: said,
        contentEncoding: 'IDENTITY',
      },
    });
  }
  yield envelope({
    testStepFinished: {
      testCaseStartedId,
      testStepId,
      timestamp: stamp(clock.ms),
      testStepResult: { status: 'PASSED', duration: took(12) },
    },
  });
  yield envelope({ testCaseFinished: { testCaseStartedId, willBeRetried, timestamp: stamp(clock.ms) } });
}
