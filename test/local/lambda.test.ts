import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../src/local/wire/http-server.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { allLines, fixtures, isLiving, lambdaWorld, until } from './lambda-world.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ms = '\\d+\\.\\d\\d ms';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldframe-lambda-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A server that answers once `guests` requests are there, and what it was asked. */
async function meetingPlace(guests: number) {
  const asked: URL[] = [];
  const full = Promise.withResolvers<void>();
  const server = await serve(async ({ url }) => {
    asked.push(url);
    if (asked.length === guests) full.resolve();
    await full.promise;
    return { status: 200 };
  });
  onTestFinished(() => server.stop());
  return { url: server.url, asked, full: full.promise };
}

describe('a function that works', () => {
  it('gets the event and the context, and its value comes back', async () => {
    const { lambda } = lambdaWorld('echo.handler', { more: { memoryMb: 512, timeoutS: 9 } });
    const invocation = await lambda.invoke('subject', { text: 'Grüße' });
    expect(invocation).toMatchObject({
      kind: 'returned',
      value: {
        event: { text: 'Grüße' },
        context: {
          functionName: 'coldframe-local-subject',
          functionVersion: '$LATEST',
          memoryLimitInMB: '512',
          logGroupName: '/aws/lambda/coldframe-local-subject',
          logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
          invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:coldframe-local-subject',
          awsRequestId: expect.stringMatching(new RegExp(`^${uuid}$`)),
        },
      },
    });
    const { remainingMs } = Object(Object(invocation).value);
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(9_000);
  });

  const returned = [
    ['echo.nothing', null],
    ['echo.synchronous', 'no promise'],
    ['echo.nested.handlers.deep', 'deep'],
  ] as const;
  it.each(someOf(returned, 3))('%s returns %j', async (handler, value) => {
    expect(await lambdaWorld(handler).lambda.invoke('subject', {})).toEqual({ kind: 'returned', value });
  });

  it('knows its own environment and nothing of ours', async () => {
    const { lambda } = lambdaWorld('echo.environment', {
      more: { environment: { COLDFRAME_STAGE: 'local' } },
      extraEnvironment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
    });
    const { value } = Object(await lambda.invoke('subject', {}));
    expect(Object.keys(value).sort()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_ENDPOINT_URL_S3',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_LAMBDA_RUNTIME_API',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'COLDFRAME_STAGE',
      'LAMBDA_RUNTIME_DIR',
      'LAMBDA_TASK_ROOT',
      'LANG',
      'PATH',
      'TZ',
      '_HANDLER',
      '_X_AMZN_TRACE_ID',
    ]);
    expect(value).toMatchObject({ AWS_ACCESS_KEY_ID: 'local', AWS_REGION: 'eu-central-1', _HANDLER: 'echo.environment' });
  });

  it('has its init in the first REPORT of a process, and only there', async () => {
    const world = lambdaWorld('echo.handler');
    for (const _ of [1, 2, 3]) await world.lambda.invoke('subject', {});
    const lines = allLines(world);
    expect(world.logs.size).toBe(1);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['INIT_START', ...Array(3).fill(['START', 'END', 'REPORT']).flat()]);
    expect(lines[0]).toMatch(
      /^INIT_START Runtime Version: nodejs:24\.\S+\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:[0-9a-f]{64}$/,
    );
    expect(lines[1]).toMatch(new RegExp(`^START RequestId: ${uuid} Version: \\$LATEST$`));
    expect(lines[2]).toMatch(new RegExp(`^END RequestId: ${uuid}$`));
    const warm = `REPORT RequestId: ${uuid}\\tDuration: ${ms}\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: [1-9]\\d+ MB\\t`;
    expect(lines[3]).toMatch(new RegExp(`^${warm}Init Duration: ${ms}\\t$`));
    expect(lines[6]).toMatch(new RegExp(`^${warm}$`));
    expect(lines[9]).toMatch(new RegExp(`^${warm}$`));
    const [duration = 0, init = 0] = [/\tDuration: (\S+)/, /Init Duration: (\S+)/].map((number) =>
      Number(number.exec(lines[3] ?? '')?.[1]),
    );
    expect(lines[3]).toContain(`Billed Duration: ${Math.ceil(Math.round((duration + init) * 100) / 100)} ms`);
  });

  it.runIf(isEveryRow)('keeps its module between two events, so the second is warm', async () => {
    const { lambda } = lambdaWorld('echo.handler');
    const [first, second] = [Object(await lambda.invoke('subject', {})).value, Object(await lambda.invoke('subject', {})).value];
    expect([first.count, second.count]).toEqual([1, 2]);
    expect(second.pid).toBe(first.pid);
  });

  it('is frozen between two events: a timer left behind fires when the next one comes, not before', async () => {
    const { lambda } = lambdaWorld('echo.leaveTimer');
    await lambda.invoke('subject', { delayMs: 100 });
    // What is waited for is time itself: the timer's, twice.
    const dueAt = Date.now() + 200;
    await until(() => Date.now() > dueAt);
    const { value: firedAt } = Object(await lambda.invoke('subject', {}));
    expect(firedAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(dueAt);
  });

  it('has all it wrote in its log, between START and END, a message with line breaks as one event', async () => {
    const world = lambdaWorld('echo.talk');
    await world.lambda.invoke('subject', {});
    const lines = allLines(world);
    const inside = lines.slice(
      lines.findIndex((line) => line.startsWith('START')) + 1,
      lines.findIndex((line) => line.startsWith('END')),
    );
    const stamp = `\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\t${uuid}`;
    expect(inside).toHaveLength(4);
    expect(inside).toContainEqual(expect.stringMatching(new RegExp(`^${stamp}\\tINFO\\ttwo\\nlines \\{ of: 'text' \\}$`)));
    expect(inside).toContainEqual(expect.stringMatching(new RegExp(`^${stamp}\\tERROR\\tError: only logged\\n    at `)));
    expect(inside).toContain('written without a line break');
    expect(inside).toContain('to standard error');
  });

  it('runs in as many processes as there are events at once, and these serve the next events too', async () => {
    const world = lambdaWorld('echo.meet');
    const { url } = await meetingPlace(3);
    const pids = await Promise.all([1, 2, 3].map(async () => Object(await world.lambda.invoke('subject', { url })).value));
    expect(new Set(pids).size).toBe(3);
    expect(world.logs.size).toBe(3);
    expect(pids).toContain(Object(await world.lambda.invoke('subject', { url })).value);
    expect(world.lambda.processes('subject')).toHaveLength(3);
  });

  it('is throttled when as many run as may, and an event that can wait gets its turn', async () => {
    const { lambda } = lambdaWorld('echo.meet', { maxConcurrency: 1 });
    const { url } = await meetingPlace(2);
    const first = lambda.invoke('subject', { url });
    expect(await lambda.invoke('subject', { url })).toEqual({ kind: 'throttled' });
    const second = lambda.invokeInTurn('subject', { url });
    await fetch(url);
    expect(await second).toEqual(await first);
    expect(lambda.processes('subject')).toHaveLength(1);
  });

  it.runIf(isEveryRow)('loses a process that had nothing to do for too long', async () => {
    const { lambda } = lambdaWorld('echo.handler', { idleMs: 1 });
    const { value } = Object(await lambda.invoke('subject', {}));
    await until(() => !isLiving(value.pid) && lambda.processes('subject').length === 0);
    expect(Object(await lambda.invoke('subject', {})).value.count).toBe(1);
  });

  it('gets an error for a response above the limit', async () => {
    expect(await lambdaWorld('echo.large').lambda.invoke('subject', {})).toEqual({
      kind: 'failed',
      error: {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size (6291559 bytes) exceeded maximum allowed payload size (6291556 bytes).',
      },
    });
  });
});

describe('a handler that fails', () => {
  const errors = [
    ['throws', { errorType: 'TypeError', errorMessage: 'no such thing', trace: expect.arrayContaining(['TypeError: no such thing']) }],
    ['throwsText', { errorType: 'string', errorMessage: 'just text', trace: [] }],
    ['circular', { errorType: 'Runtime.JSONStringifyError', errorMessage: expect.stringContaining('circular') }],
  ] as const;
  it.each(someOf(errors, 3))('that %s: the caller gets the error, and the process goes on', async (handler, error) => {
    const world = lambdaWorld(`broken.${handler}`);
    expect(await world.lambda.invoke('subject', {})).toMatchObject({ kind: 'failed', error });
    await world.lambda.invoke('subject', {});
    const reports = allLines(world).filter((line) => line.startsWith('REPORT'));
    expect(reports.map((line) => line.includes('Init Duration'))).toEqual([true, false]);
    expect(reports.some((line) => line.includes('Status'))).toBe(false);
    expect(allLines(world)).toContainEqual(expect.stringMatching(new RegExp(`\\t${uuid}\\tERROR\\tInvoke Error \\t\\{"errorType":"`)));
  });

  it.each(
    someOf(
      [
        [
          'unhandled',
          { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: nobody caught me' },
          'Runtime.UnhandledPromiseRejection',
        ],
        ['uncaught', { errorType: 'Error', errorMessage: 'out of a timer' }, 'Runtime.Unknown'],
        ['exits', { errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited with error: exit status 3' }, 'Runtime.ExitError'],
        [
          'exitsQuietly',
          { errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited without providing a reason' },
          'Runtime.ExitError',
        ],
        [
          'kills',
          { errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited with error: signal: killed' },
          'Runtime.ExitError',
        ],
        [
          'neverSettles',
          { errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited without providing a reason' },
          'Runtime.ExitError',
        ],
      ],
      3,
    ),
  )('by ending its process (%s): the caller hears why, and the next event has a new process', async (handler, error, type) => {
    const world = lambdaWorld(`broken.${handler}`);
    const invocation = await world.lambda.invoke('subject', {});
    expect(invocation).toMatchObject({
      kind: 'failed',
      error: { errorType: error.errorType, errorMessage: expect.stringContaining(error.errorMessage) },
    });
    expect(world.lambda.processes('subject')).toEqual([]);
    await world.lambda.invoke('subject', {});
    expect(world.logs.size).toBe(2);
    for (const lines of world.logs.values())
      expect(lines.at(-1)).toMatch(
        new RegExp(`^REPORT .*\\tInit Duration: ${ms}\\tStatus: error\\tError Type: ${type.replace('.', '\\.')}$`),
      );
  });

  it('by taking more memory than it has: its process is ended', async () => {
    const world = lambdaWorld('broken.hoards', { more: { memoryMb: 64 } });
    expect(await world.lambda.invoke('subject', {})).toMatchObject({
      kind: 'failed',
      error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: aborted') },
    });
    expect(allLines(world).join('\n')).toContain('JavaScript heap out of memory');
  });

  it.each([['hangs'], ['spins']])(
    'by taking too long (%s): the process is ended, the caller told, and the next event starts cold',
    async (handler) => {
      const world = lambdaWorld(`broken.${handler}`, { more: { timeoutS: 1 } });
      const invocation = await world.lambda.invoke('subject', { hang: true });
      expect(invocation).toMatchObject({
        kind: 'failed',
        error: {
          errorType: 'Sandbox.Timedout',
          errorMessage: expect.stringMatching(new RegExp(`^RequestId: ${uuid} Error: Task timed out after 1\\.00 seconds$`)),
        },
      });
      const lines = allLines(world);
      expect(lines.at(-3)).toMatch(new RegExp(`^\\S+Z ${uuid} Task timed out after 1\\.00 seconds\\n\\n$`));
      expect(lines.at(-1)).toMatch(
        new RegExp(
          `^REPORT RequestId: ${uuid}\\tDuration: 1000\\.00 ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: [1-9]\\d+ MB\\tInit Duration: ${ms}\\tStatus: timeout$`,
        ),
      );
      expect(world.lambda.processes('subject')).toEqual([]);
      if (handler === 'spins') return;
      expect(lines.some((line) => line.endsWith('still here'))).toBe(true);
      expect(await world.lambda.invoke('subject', {})).toMatchObject({ kind: 'returned' });
      expect(world.logs.size).toBe(2);
      expect(allLines(world).at(-1)).toContain('Init Duration');
    },
  );
});

describe('an init that fails', () => {
  it.each(
    someOf(
      [
        ['throws-in-init.handler', { errorType: 'RangeError', errorMessage: 'the init went wrong' }, 'Runtime.Unknown'],
        ['exits-in-init.handler', { errorType: 'Runtime.ExitError', errorMessage: 'exit status 7' }, 'Runtime.ExitError'],
        [
          'not-there.handler',
          { errorType: 'Runtime.ImportModuleError', errorMessage: "Cannot find module 'not-there'" },
          'Runtime.ImportModuleError',
        ],
        [
          'echo.other',
          { errorType: 'Runtime.HandlerNotFound', errorMessage: 'echo.other is undefined or not exported' },
          'Runtime.HandlerNotFound',
        ],
        ['broken.notAFunction', { errorType: 'Runtime.HandlerNotFound', errorMessage: 'is not a function' }, 'Runtime.HandlerNotFound'],
        [
          '../echo.handler',
          { errorType: 'Runtime.MalformedHandlerName', errorMessage: 'not a valid handler name' },
          'Runtime.MalformedHandlerName',
        ],
        [
          'broken.callback',
          { errorType: 'Runtime.CallbackHandlerDeprecated', errorMessage: 'removed support for callback-based function handlers' },
          'Runtime.CallbackHandlerDeprecated',
        ],
      ],
      3,
    ),
  )('(%s) is tried twice, as on AWS, and told', async (handler, error, type) => {
    const world = lambdaWorld(handler);
    expect(await world.lambda.invoke('subject', {})).toMatchObject({
      kind: 'failed',
      error: { errorType: error.errorType, errorMessage: expect.stringContaining(error.errorMessage) },
    });
    const platform = allLines(world).filter((line) => /^(INIT_|START|END|REPORT)/.test(line));
    expect(
      platform.map((line) =>
        line
          .replace(/[\d.]+ ms/g, 'MS')
          .replace(/[\d]+ MB/g, 'MB')
          .replace(new RegExp(uuid), 'ID'),
      ),
    ).toEqual([
      expect.stringMatching(/^INIT_START/),
      `INIT_REPORT Init Duration: MS\tPhase: init\tStatus: error\tError Type: ${type}`,
      `INIT_REPORT Init Duration: MS\tPhase: invoke\tStatus: error\tError Type: ${type}`,
      'START RequestId: ID Version: $LATEST',
      'END RequestId: ID',
      `REPORT RequestId: ID\tDuration: MS\tBilled Duration: MS\tMemory Size: MB\tMax Memory Used: MB\tStatus: error\tError Type: ${type}`,
    ]);
    expect(world.lambda.processes('subject')).toEqual([]);
  });

  const sources = [
    ['export const handler = async () => {;', 'Runtime.UserCodeSyntaxError', 'SyntaxError'],
    ["import 'a-package-that-is-not-there';", 'Runtime.ImportModuleError', "Cannot find package 'a-package-that-is-not-there'"],
  ] as const;
  it.each(someOf(sources, 2))('because of its source (%s) says so', async (source, errorType, text) => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'subject.mjs'), source);
    const world = lambdaWorld('subject.handler', { root });
    expect(await world.lambda.invoke('subject', {})).toMatchObject({
      kind: 'failed',
      error: { errorType, errorMessage: expect.stringContaining(text) },
    });
    expect(allLines(world)).toContainEqual(expect.stringMatching(/\tundefined\tERROR\tInit Error \t\{/));
  });

  const slow = [
    ['heals.handler', 'healed', 'Status: error\tError Type: Runtime.Unknown', 10_000],
    ['slow-init.handler', 'in the end', 'Status: timeout', 300],
  ] as const;
  it.each(someOf(slow, 2))('once (%s) costs the caller time, not the answer', async (handler, value, status, initLimitMs) => {
    const mark = join(temporaryFolder(), 'mark');
    const world = lambdaWorld(handler, { initLimitMs, more: { environment: { MARK: mark } } });
    const invoked = world.lambda.invoke('subject', {});
    await until(() => allLines(world).some((line) => line.startsWith('INIT_REPORT')));
    // On a busy machine the first process may have ended before it came to say that there was one.
    writeFileSync(mark, '');
    expect(await invoked).toEqual({ kind: 'returned', value });
    const lines = allLines(world);
    expect(lines.filter((line) => line.startsWith('INIT_REPORT'))).toEqual([
      expect.stringMatching(new RegExp(`\\tPhase: init\\t${status}$`)),
    ]);
    expect(lines.at(-1)).not.toContain('Init Duration');
  });
});

describe('an asynchronous invocation', () => {
  it('is tried again after an error under the same request id, then left as a dead letter', async () => {
    const world = lambdaWorld('broken.throws', { more: { asyncRetries: 2 } });
    world.lambda.invokeAsync('subject', { detail: 1 });
    await world.lambda.settled();
    const starts = allLines(world).filter((line) => line.startsWith('START'));
    expect(starts).toHaveLength(3);
    expect(new Set(starts).size).toBe(1);
    expect(world.journal.map(({ name, status }) => [name, status])).toEqual([
      ['invoke subject', 500],
      ['invoke subject', 500],
      ['invoke subject', 500],
      ['DEAD LETTER of subject', 500],
    ]);
    expect(world.journal.at(-1)).toMatchObject({
      request: { event: { detail: 1 }, attempts: 3 },
      response: { kind: 'failed', error: { errorMessage: 'no such thing' } },
    });
  });

  it('that failed for good goes to the destination for failures', async () => {
    const sent: unknown[] = [];
    const { lambda } = lambdaWorld('broken.throws', {
      more: { asyncRetries: 1, onFailure: { queueName: 'undelivered' } },
      sendToQueue: (queueName, body) => sent.push({ queueName, ...JSON.parse(body) }),
    });
    lambda.invokeAsync('subject', { detail: 1 });
    await lambda.settled();
    expect(sent).toEqual([
      expect.objectContaining({
        queueName: 'undelivered',
        requestContext: expect.objectContaining({ condition: 'RetriesExhausted', approximateInvokeCount: 2 }),
        requestPayload: { detail: 1 },
        responsePayload: expect.objectContaining({ errorMessage: 'no such thing' }),
      }),
    ]);
  });

  it.runIf(isEveryRow)('that would be too old for its retry is not tried again', async () => {
    const world = lambdaWorld('broken.throws', { more: { asyncRetries: 2, asyncMaxAgeS: 1 }, asyncRetryDelaysMs: [60_000] });
    world.lambda.invokeAsync('subject', {});
    await world.lambda.settled();
    expect(world.journal.map(({ name }) => name)).toEqual(['invoke subject', 'DEAD LETTER of subject']);
  });

  it.runIf(isEveryRow)('that succeeds is done', async () => {
    const world = lambdaWorld('echo.handler', { more: { asyncRetries: 2 } });
    world.lambda.invokeAsync('subject', {});
    await world.lambda.settled();
    expect(world.journal.map(({ name, status }) => [name, status])).toEqual([['invoke subject', 200]]);
  });

  it('waits for a free process instead of being throttled', async () => {
    const world = lambdaWorld('echo.handler', { maxConcurrency: 1 });
    for (const event of [1, 2, 3]) world.lambda.invokeAsync('subject', event);
    await world.lambda.settled();
    expect(world.journal.map(({ request }) => Object(request).event)).toEqual([1, 2, 3]);
    expect(world.logs.size).toBe(1);
  });

  it('that waits for its retry when the world ends is told to the journal', async () => {
    const world = lambdaWorld('broken.throws', { more: { asyncRetries: 2 }, asyncRetryDelaysMs: [60_000] });
    world.lambda.invokeAsync('subject', { detail: 1 });
    await until(() => world.journal.length === 1);
    await world.lambda.stop();
    expect(world.journal.at(-1)).toMatchObject({ name: expect.stringContaining('LOST'), request: { event: { detail: 1 } } });
  });

  it('of an unknown function is refused at once, with the names there are', () => {
    expect(() => lambdaWorld('echo.handler').lambda.invokeAsync('sbject', {})).toThrow('there is no function `sbject`; there are: subject');
  });
});

describe('nothing is left', () => {
  it('after stop(): no process, busy or idle, and none that a handler started', async () => {
    const world = lambdaWorld('broken.breeds');
    const { url, asked, full } = await meetingPlace(1);
    const pending = world.lambda.invoke('subject', { url });
    await full;
    const pids = [Number(asked[0]?.searchParams.get('pid')), ...world.lambda.processes('subject').map(({ pid }) => Number(pid))];
    expect(pids.map(isLiving)).toEqual([true, true]);
    await world.lambda.stop();
    await until(() => !pids.some(isLiving));
    expect(await pending).toMatchObject({ kind: 'failed', error: { errorMessage: expect.stringContaining('signal: killed') } });
    await expect(world.lambda.invoke('subject', {})).rejects.toThrow('has been stopped');
  });

  it.runIf(isEveryRow)('when stop() comes before the process is there', async () => {
    const world = lambdaWorld('echo.handler');
    const pending = world.lambda.invoke('subject', {});
    await world.lambda.stop();
    expect(await pending).toMatchObject({ kind: 'failed' });
    expect(world.lambda.processes('subject')).toEqual([]);
  });

  it('when stop() comes during a cold start', async () => {
    const world = lambdaWorld('slow-init.handler', { more: { environment: { MARK: join(temporaryFolder(), 'mark') } } });
    const pending = world.lambda.invoke('subject', {});
    await until(() => world.lambda.processes('subject')[0]?.pid !== undefined);
    const pid = Number(world.lambda.processes('subject')[0]?.pid);
    await world.lambda.stop();
    expect(isLiving(pid)).toBe(false);
    expect(await pending).toMatchObject({ kind: 'failed' });
    expect(world.lambda.processes('subject')).toEqual([]);
  });

  it('when the host is killed outright: a frozen process and a busy one end by themselves', async () => {
    const host = spawn(process.execPath, [join(fixtures, 'host.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      host.kill('SIGKILL');
    });
    let said = '';
    for await (const part of host.stdout) {
      said += part;
      if (said.includes('\n')) break;
    }
    const pids: number[] = JSON.parse(said);
    expect(pids.map(isLiving)).toEqual([true, true]);
    host.kill('SIGKILL');
    await until(() => !pids.some(isLiving));
  });
});

it('a debugger can be waited for, without any time limit', async () => {
  const world = lambdaWorld('echo.handler', { inspectPort: 0, initLimitMs: 1, more: { timeoutS: 0.001 } });
  const pending = world.lambda.invoke('subject', { replayed: true });
  const address = () => /ws:\/\/\S+/.exec(allLines(world).join('\n'))?.[0];
  await until(() => address() !== undefined);
  const debug = new WebSocket(address() ?? '');
  onTestFinished(() => debug.close());
  await new Promise((resolve) => debug.addEventListener('open', resolve));
  debug.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }));
  expect(await pending).toMatchObject({ kind: 'returned', value: { event: { replayed: true } } });
});
