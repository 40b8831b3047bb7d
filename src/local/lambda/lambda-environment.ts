import { dirname } from 'node:path';
import type { StackFunction } from '../stack/stack.ts';

/** What a function's process is told of where it runs. */
export interface LambdaPlace {
  readonly lambda: StackFunction;
  /** LAMBDA_TASK_ROOT: where the handler's path begins. */
  readonly root: string;
  readonly region: string;
  readonly account: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** On top of the function's own environment: where AWS's services are. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
}

/** A log stream by its names. */
export interface LogPlace {
  readonly group: string;
  readonly stream: string;
}

/** The whole environment of the process, but for the address of its Runtime API. Nothing of our own is in it. */
export function environmentOf({ lambda, root, region, credentials, extraEnvironment }: LambdaPlace, { group, stream }: LogPlace) {
  return {
    ...lambda.environment,
    ...extraEnvironment,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: lambda.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: group,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    LAMBDA_RUNTIME_DIR: dirname(process.execPath),
    LAMBDA_TASK_ROOT: root,
    LANG: 'en_US.UTF-8',
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TZ: ':UTC',
    _HANDLER: lambda.handler,
  };
}

/** What Node is started with. With a port, it waits there for a debugger before it runs anything. */
export function nodeArguments(memoryMb: number, inspectPort: number | undefined): readonly string[] {
  // A tenth for what is not heap; V8 ends the process when the rest is used up.
  const heap = `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`;
  return inspectPort === undefined ? [heap] : [heap, `--inspect-brk=127.0.0.1:${inspectPort}`];
}

export const functionArn = (lambda: StackFunction, { region, account }: Pick<LambdaPlace, 'region' | 'account'>): string =>
  `arn:aws:lambda:${region}:${account}:function:${lambda.functionName}`;
