import { describe, expect, it } from 'vitest';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import { ending, judged, mergedStream, readStream } from './streams.ts';

/** One scenario that fails at its only step, in the form that an implementation gives to what differs between them. */
interface Form {
  readonly uri: string;
  readonly sourceReference: object;
  readonly result: object;
  readonly seconds: number | string;
  /** The run's beginning stands before the sources: Reqnroll, cucumber-jvm. */
  readonly startsFirst?: true;
}

const streamOf = ({ uri, sourceReference, result, seconds, startsFirst }: Form): string => {
  const timestamp = { seconds, nanos: 0 };
  const start = { testRunStarted: { id: 'run', timestamp } };
  const step = { id: 's', keyword: 'When ', text: 'I pay', location: { line: 4, column: 5 } };
  const scenario = { id: 'n', keyword: 'Scenario', name: 'Pay', location: { line: 3, column: 3 }, steps: [step], examples: [], tags: [] };
  const feature = {
    name: 'Shop',
    keyword: 'Feature',
    language: 'en',
    location: { line: 1, column: 1 },
    tags: [],
    children: [{ scenario }],
  };
  const attempt = { testCaseStartedId: 'a', testStepId: 't', timestamp };
  const messages = [
    ...(startsFirst === true ? [start] : []),
    { source: { uri, data: 'Feature: Shop', mediaType: 'text/x.cucumber.gherkin+plain' } },
    { gherkinDocument: { uri, feature, comments: [] } },
    {
      pickle: {
        id: 'p',
        uri,
        name: 'Pay',
        language: 'en',
        astNodeIds: ['n'],
        steps: [{ id: 'ps', text: 'I pay', astNodeIds: ['s'] }],
        tags: [],
      },
    },
    { stepDefinition: { id: 'd', pattern: { source: 'I pay', type: 'CUCUMBER_EXPRESSION' }, sourceReference } },
    ...(startsFirst === true ? [] : [start]),
    { testCase: { id: 'c', pickleId: 'p', testSteps: [{ id: 't', pickleStepId: 'ps', stepDefinitionIds: ['d'] }] } },
    { testCaseStarted: { id: 'a', testCaseId: 'c', attempt: 0, timestamp } },
    { testStepStarted: attempt },
    { testStepFinished: { ...attempt, testStepResult: { status: 'FAILED', duration: { seconds: 0, nanos: 0 }, ...result } } },
    { testCaseFinished: { testCaseStartedId: 'a', timestamp } },
    { testRunFinished: { success: false, timestamp } },
  ];
  return messages.map((message) => `${JSON.stringify(message)}\n`).join('');
};

const javaMethod = { javaMethod: { className: 'com.example.ShopSteps', methodName: 'pay', methodParameterTypes: [] } };

const javaStack = `org.opentest4j.AssertionFailedError: expected: <paid> but was: <open>
\tat org.junit.jupiter.api.AssertionFailureBuilder.build(AssertionFailureBuilder.java:151)
\tat com.example.ShopSteps.pay(ShopSteps.java:21)
\tat java.base/java.lang.reflect.Method.invoke(Method.java:580)
\tat io.cucumber.java.Invoker.doInvoke(Invoker.java:66)
\tat ✽.I pay(classpath:com/example/shop.feature:4)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
\t... 14 more
`;

const forms: readonly (readonly [string, Form, string])[] = [
  [
    'cucumber-jvm 7',
    {
      uri: 'classpath:com/example/shop.feature',
      sourceReference: javaMethod,
      seconds: 1748812400,
      startsFirst: true,
      result: {
        message: javaStack,
        exception: { type: 'org.opentest4j.AssertionFailedError', message: 'expected: <paid> but was: <open>', stackTrace: javaStack },
      },
    },
    `org.opentest4j.AssertionFailedError: expected: <paid> but was: <open>
Caused by: java.net.ConnectException: Connection refused
    at com.example.ShopSteps.pay(ShopSteps.java:21)`,
  ],
  [
    'cucumber-jvm 6: seconds are strings, and there is no exception',
    {
      uri: 'file:///home/me/shop/src/test/resources/shop.feature',
      sourceReference: javaMethod,
      seconds: '1610968977',
      startsFirst: true,
      result: { message: javaStack },
    },
    `org.opentest4j.AssertionFailedError: expected: <paid> but was: <open>
Caused by: java.net.ConnectException: Connection refused
    at com.example.ShopSteps.pay(ShopSteps.java:21)`,
  ],
  [
    'Reqnroll: an empty message, and a stack without one',
    {
      uri: 'Features/Shop.feature',
      sourceReference: javaMethod,
      seconds: 1748812400,
      startsFirst: true,
      result: {
        message: '',
        exception: {
          type: 'AssertionException',
          message: '  Expected: "paid"\r\n  But was:  "open"',
          stackTrace: [
            '   at NUnit.Framework.Assert.Fail(String message)',
            '   at Shop.ShopSteps.WhenIPay() in C:\\work\\Shop\\Steps\\ShopSteps.cs:line 21',
            '   at System.RuntimeMethodHandle.InvokeMethod(Object target, Void** arguments, Signature sig, Boolean isConstructor)',
            '--- End of stack trace from previous location ---',
            '   at Reqnroll.TestRunner.CollectScenarioErrorsAsync()',
            '   at Shop.ShopFeature.Pay() in C:\\work\\Shop\\Features\\Shop.feature:line 4',
          ].join('\r\n'),
        },
      },
    },
    `AssertionException:   Expected: "paid"
  But was:  "open"
    at Shop.ShopSteps.WhenIPay() in Steps\\ShopSteps.cs:line 21
    at Shop.ShopFeature.Pay() in Features\\Shop.feature:line 4`,
  ],
  [
    'cucumber-ruby',
    {
      uri: 'features/shop.feature',
      sourceReference: { uri: 'features/step_definitions/shop_steps.rb', location: { line: 3 } },
      seconds: 1748812400,
      result: {
        message: `expected: "paid"
     got: "open" (RSpec::Expectations::ExpectationNotMetError)
/usr/lib/ruby/gems/3.3.0/gems/rspec-support-3.13.1/lib/rspec/support.rb:110:in \`block in <module:Support>'
./features/step_definitions/shop_steps.rb:4:in \`/^I pay$/'
features/shop.feature:4:in \`I pay'`,
      },
    },
    `expected: "paid"
     got: "open" (RSpec::Expectations::ExpectationNotMetError)
features/shop.feature:4:in \`I pay'
    ./features/step_definitions/shop_steps.rb:4:in \`/^I pay$/'`,
  ],
];

describe.each(forms)('%s', (_, form, error) => {
  it('is judged as what it says', () => {
    const outcome = verdict(ending(judged(streamOf(form))));
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ status: 'failed', feature: 'Shop', uri: form.uri, line: 3, scenario: 'Pay', step: 'When I pay', error }],
    });
  });

  it('is merged as any other', async () => {
    const stream = readStream([streamOf(form)]);
    const one = await mergedStream([stream]);
    expect(judge(one)).toEqual(judge(stream));
  });
});
