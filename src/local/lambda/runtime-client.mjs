/**
 * What runs inside a function's process: it asks the Runtime API for events and hands them to the handler, as AWS's
 * own runtime for nodejs24.x does it. JavaScript, because loading TypeScript would count as the function's cold start.
 *
 * Two pipes from the host, beside the Runtime API:
 * fd 3: between two invocations the process is frozen (it blocks) until a byte arrives. On AWS, too, a timer that was
 *       left behind fires in a later invocation or never.
 * fd 4: closes when the host dies; then this process ends as well.
 */
import { existsSync, readSync } from 'node:fs';
import { request } from 'node:http';
import { Socket } from 'node:net';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
// Kept from the start: a handler may replace them.
const streams = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));
let requestId;

new Socket({ fd: 4, readable: true, writable: false })
  .on('error', () => {
    // 'close' follows
  })
  .on('close', () => process.exit(1))
  .resume()
  .unref();

/** One call of the Runtime API, each on its own connection: a kept one may have died while the process was frozen. */
function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: `/2018-06-01/runtime${path}`, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ headers: response.headers, text }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

class RuntimeError extends Error {
  constructor(type, message, stack) {
    super(message);
    this.name = `Runtime.${type}`;
    if (stack !== undefined) this.stack = stack;
  }
}

const errorBody = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** An error as the runtime logs it: own fields and causes included, the stack as an array. */
const errorText = (error) => {
  const plain = (_, value) =>
    value instanceof Error
      ? { errorType: value.name, errorMessage: value.message, code: value.code, ...value, stack: (value.stack ?? '').split('\n') }
      : value;
  try {
    return JSON.stringify(error instanceof Error ? error : errorBody(error), plain);
  } catch {
    // Some errors carry things that JSON has no form for, a request for example.
    return JSON.stringify(errorBody(error));
  }
};

/** One line, one log event: line breaks inside travel as carriage returns. During the init, the id is `undefined` on AWS, too. */
const log = (level, ...parts) =>
  streams[0](`${[new Date().toISOString(), String(requestId), level, format(...parts)].join('\t').replaceAll('\n', '\r')}\n`);

for (const [method, level] of Object.entries({ log: 'INFO', info: 'INFO', debug: 'DEBUG', trace: 'TRACE', warn: 'WARN', error: 'ERROR' }))
  console[method] = (...parts) => log(level, ...parts);

/** Tells the host on both streams that all output of this invocation has been written. */
const endOutput = () => Promise.all(streams.map((write) => new Promise((done) => write(`\n\0end ${requestId}\n`, done))));

async function die(label, error, exitCode) {
  log('ERROR', label, `\t${errorText(error)}`);
  const body = errorBody(error);
  try {
    await call('POST', '/init/error', JSON.stringify(body), { 'Lambda-Runtime-Function-Error-Type': body.errorType });
  } finally {
    process.exit(exitCode);
  }
}

async function loadModule(path) {
  // In AWS's order: a folder that is called as the file without its ending is found first there, and fails.
  const file = ['', '.js', '.mjs', '.cjs'].map((extension) => path + extension).find(existsSync);
  if (file === undefined) throw new RuntimeError('ImportModuleError', `Error: Cannot find module '${basename(path)}'`);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error), error.stack);
    if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error?.code)) throw new RuntimeError('ImportModuleError', String(error));
    throw error;
  }
}

async function loadHandler(name) {
  const parts = /^([^.]*)\.(.+)$/.exec(basename(name));
  if (parts === null || name.includes('..')) throw new RuntimeError('MalformedHandlerName', `'${name}' is not a valid handler name.`);
  const [, file, exported] = parts;
  const module = await loadModule(resolve(process.env.LAMBDA_TASK_ROOT ?? '.', dirname(name), file));
  const find = (start) => exported.split('.').reduce((value, key) => value?.[key], start);
  const handler = find(module) ?? find(module.default);
  if (handler === undefined) throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${name} is not a function`);
  if (handler.length >= 3)
    throw new RuntimeError(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  return handler;
}

function contextOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: requestId,
    clientContext: undefined,
    identity: undefined,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

function stringify(value) {
  try {
    return JSON.stringify(value === undefined ? null : value);
  } catch (error) {
    throw new RuntimeError('JSONStringifyError', `Unable to stringify response body: ${error.message}`);
  }
}

/** What to post about this event: the handler's value, or its error. */
async function answer(handler, { headers, text }) {
  try {
    const value = await handler(JSON.parse(text), contextOf(headers));
    return { path: 'response', body: stringify(value), headers: {} };
  } catch (error) {
    log('ERROR', 'Invoke Error', `\t${errorText(error)}`);
    const body = errorBody(error);
    return { path: 'error', body: JSON.stringify(body), headers: { 'Lambda-Runtime-Function-Error-Type': body.errorType } };
  }
}

function freeze() {
  // No bytes: the other end is closed, the host is gone.
  if (readSync(3, Buffer.alloc(1)) === 0) process.exit(1);
}

async function run() {
  const handler = await loadHandler(process.env._HANDLER ?? '').catch((error) => die('Init Error', error, 1));
  for (;;) {
    const next = await call('GET', '/invocation/next');
    requestId = next.headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'];
    const { path, body, headers } = await answer(handler, next);
    await endOutput();
    await call('POST', `/invocation/${requestId}/${path}`, body, headers);
    freeze();
  }
}

process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) =>
  die('Unhandled Promise Rejection', new RuntimeError('UnhandledPromiseRejection', String(reason), reason?.stack), 128),
);

// What is left to fail in there are calls of the Runtime API: the host is gone.
run().catch(() => process.exit(1));
