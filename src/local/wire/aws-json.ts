import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { IamCall } from '../iam/iam-call.ts';
import type { Permit } from '../iam/permissions.ts';
import { type Incoming, type LocalServer, type Outgoing, serve } from './http-server.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { type Credentials, checkSignature } from './sigv4.ts';

/** A request that an AWS service refuses: thrown by an operation, answered as `{ "__type": …, "message": … }`. */
export class AwsFault extends Error {
  /** The error's name for the SDK: `ParameterNotFound`. */
  readonly type: string;
  readonly status: number;

  constructor(type: string, message = '', status = 400) {
    super(message);
    this.name = 'AwsFault';
    this.type = type;
    this.status = status;
  }
}

/** For everything AWS has and the local world has not: said aloud, never ignored. The SDK does not try a 501 again. */
export const notOffered = (what: string): AwsFault =>
  new AwsFault('NotImplementedException', `The local world does not offer ${what}.`, 501);

/** Takes the request's JSON, gives the answer's. */
export type Operation = (input: unknown) => unknown;

export interface ServeAwsJson {
  /** Its name in the journal and in the signature's scope. */
  readonly service: JournalEntry['source'] & ('ssm' | 'logs' | 'events');
  /** What stands before the operation in `X-Amz-Target`: `AmazonSSM`. */
  readonly target: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Why an operation is not there, where there is more to say than that it is not. */
  readonly whyNot?: Readonly<Record<string, string>>;
  /** What the journal may hold of a request or an answer. */
  readonly shown: (value: unknown) => unknown;
  readonly port?: number | undefined;
  readonly journal: Journal;
  readonly credentials: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit | undefined;
  /** What an operation needs a permission for. */
  readonly needs: (operation: string, input: unknown) => readonly IamCall[];
}

/** Serves an AWS service that speaks JSON 1.1, as SSM and CloudWatch Logs do with the SDK clients we use. */
export function serveAwsJson({
  service,
  target,
  operations,
  whyNot = {},
  shown,
  port,
  journal,
  credentials,
  permit,
  needs,
}: ServeAwsJson): Promise<LocalServer> {
  async function answer(request: Incoming): Promise<Outgoing> {
    const at = Date.now();
    const name = operationOf(request, target);
    const input = readJson(request.body);
    let status = 500;
    let output: unknown;
    let caller: string | undefined;
    try {
      caller = authorize(request, service, credentials);
      output = await run(caller, name, input);
      status = 200;
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      output = { __type: error.type, ...(error.message !== '' && { message: error.message }) };
      status = error.status;
    } finally {
      const who = caller === undefined ? {} : { caller };
      journal({ at, source: service, name, ...who, request: shown(input), response: shown(output), status, durationMs: Date.now() - at });
    }
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
      body: JSON.stringify(output),
    };
  }

  async function run(caller: string, name: string, input: unknown): Promise<unknown> {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) throw notOffered(`${service}:${name}${whyNot[name] === undefined ? '' : `: ${whyNot[name]}`}`);
    if (input === undefined) throw new AwsFault('SerializationException', 'the body is not JSON');
    refuseForbidden(permit?.(caller, needs(name, input)));
    return (await operation(input)) ?? {};
  }

  return serve(answer, port);
}

function operationOf(request: Incoming, target: string): string {
  const header = request.headers['x-amz-target'];
  if (typeof header === 'string' && header.startsWith(`${target}.`)) return header.slice(target.length + 1);
  // A newer client may speak another protocol (`/service/…/operation/…` in CBOR): the answer names what came.
  return `${header ?? `${request.method} ${request.target}`} (it speaks AWS JSON 1.1 with X-Amz-Target: ${target}.…)`;
}

/** The body as JSON, or undefined when it is none. */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // `run` answers with the fault, once it knows who asks
    return undefined;
  }
}

/** The access key's id of whoever signed. @throws {AwsFault} in AWS's words, for a request that is not signed, or not by one of these */
export function authorize(request: Incoming, service: string, credentials: readonly Credentials[]): string {
  const signature = checkSignature({ request, service, credentials, nowMs: Date.now() });
  switch (signature.kind) {
    case 'valid':
      return signature.accessKeyId;
    case 'absent':
      throw new AwsFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
    case 'malformed':
      throw new AwsFault('IncompleteSignatureException', signature.because);
    case 'unknown-key':
      throw new AwsFault('UnrecognizedClientException', 'The security token included in the request is invalid.');
    case 'wrong':
    case 'other-body':
    case 'unsigned-headers':
      throw new AwsFault('InvalidSignatureException', 'The request signature we calculated does not match the signature you provided.');
    case 'skewed':
    case 'early':
    case 'expired':
      throw new AwsFault('InvalidSignatureException', `Signature expired or not yet current: it is ${new Date().toISOString()} here.`);
  }
}

/** @throws {AwsFault} as AWS refuses what a role's policies do not allow */
export function refuseForbidden(denial: string | undefined): void {
  if (denial !== undefined) throw new AwsFault('AccessDeniedException', denial);
}

export interface Input<T> {
  /** `GetParameter`, for the error. */
  readonly operation: string;
  /** A strict object: AWS's members that are not in it are not offered. */
  readonly schema: v.GenericSchema<unknown, T>;
  /** The service's own name for a wrong argument. */
  readonly fault: 'ValidationException' | 'InvalidParameterException';
}

/** An operation that gets its input parsed. */
export const operation =
  <T>({ operation: name, schema, fault }: Input<T>, run: (input: T) => unknown): Operation =>
  (json) => {
    const parsed = v.safeParse(schema, json);
    if (parsed.success) return run(parsed.output);
    const unknown = parsed.issues.find((issue) => issue.type === 'strict_object' && issue.expected === 'never');
    if (unknown !== undefined) throw notOffered(`${v.getDotPath(unknown)} in ${name}`);
    // What was expected, never what came: that may be a secret, and the journal holds this.
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'the input'} must be ${issue.expected}`);
    throw new AwsFault(fault, `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`);
  };
