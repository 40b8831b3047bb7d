import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { type IamCall, iamCall } from '../iam/iam-call.ts';
import type { Permit } from '../iam/permissions.ts';
import { AwsFault, authorize, notOffered, refuseForbidden } from '../wire/aws-json.ts';
import { type Incoming, type LocalServer, type Outgoing, serve } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { cronTimes, type IsDue } from './cron.ts';

/** An event that a schedule puts on a bus, as the role it was given. */
export interface ScheduledEvent {
  readonly roleArn: string;
  readonly busArn: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

export interface SchedulerOptions {
  /** Keeps the schedules. */
  readonly file: string;
  readonly groups: readonly string[];
  readonly account: string;
  readonly region: string;
  readonly journal: Journal;
  readonly credentials: readonly Credentials[];
  readonly permit?: Permit;
  readonly put: (event: ScheduledEvent) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
}

export interface LocalScheduler extends LocalServer {
  /** The names of all schedules that are on. */
  names(): readonly string[];
  /** Lets a schedule run as if it were this time; again for the same time is a repeated delivery. @throws when there is none */
  run(name: string, atMs: number): Promise<void>;
}

const text = v.pipe(v.string(), v.minLength(1));
const arn = v.pipe(text, v.startsWith('arn:aws:'));
const body = v.strictObject({
  GroupName: text,
  ClientToken: v.optional(text),
  Description: v.optional(v.pipe(v.string(), v.maxLength(512))),
  ScheduleExpression: v.pipe(text, v.maxLength(256)),
  ScheduleExpressionTimezone: v.optional(v.pipe(text, v.maxLength(50)), 'UTC'),
  State: v.optional(v.picklist(['ENABLED', 'DISABLED']), 'ENABLED'),
  FlexibleTimeWindow: v.strictObject({ Mode: v.literal('OFF') }),
  Target: v.strictObject({
    Arn: arn,
    RoleArn: arn,
    Input: v.pipe(
      text,
      v.check((input) => isJson(input), 'is not JSON'),
    ),
    EventBridgeParameters: v.strictObject({
      Source: v.pipe(
        text,
        v.check((source) => !source.startsWith('aws.')),
      ),
      DetailType: text,
    }),
    RetryPolicy: v.optional(v.strictObject({ MaximumEventAgeInSeconds: v.number(), MaximumRetryAttempts: v.number() })),
    DeadLetterConfig: v.optional(v.strictObject({ Arn: arn })),
  }),
});
type Schedule = v.InferOutput<typeof body>;
const kept = v.record(v.string(), body);

const minuteMs = 60_000;
const operations = { POST: 'CreateSchedule', PUT: 'UpdateSchedule', DELETE: 'DeleteSchedule', GET: 'GetSchedule' } as const;

/** EventBridge Scheduler on this machine: cron expressions with time zones, and event buses as targets. */
export async function startScheduler(options: SchedulerOptions): Promise<LocalScheduler> {
  const { file, groups, account, region, journal, credentials, permit, put, nowMs = Date.now } = options;
  const schedules = new Map<string, Schedule>(
    Object.entries(existsSync(file) ? v.parse(kept, JSON.parse(readFileSync(file, 'utf8'))) : {}),
  );
  const due = new Map<string, IsDue>();
  const arnOf = (group: string, name: string): string => `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

  async function answer(request: Incoming): Promise<Outgoing> {
    const at = Date.now();
    const name = decodeURIComponent(/^\/schedules\/([^/?]+)$/.exec(request.url.pathname)?.[1] ?? '');
    const operation = operations[request.method as keyof typeof operations];
    const input = request.body.length === 0 ? undefined : JSON.parse(request.body.toString('utf8'));
    const note = (status: number, response: unknown, caller?: string) =>
      journal({
        at,
        source: 'scheduler',
        name: operation ?? request.method,
        ...(caller && { caller }),
        request: { name, ...input },
        response,
        status,
      });
    try {
      const caller = authorize(request, 'scheduler', credentials);
      if (operation === undefined || !/^[\w.-]{1,64}$/.test(name)) throw notOffered(`scheduler ${request.method} ${request.url.pathname}`);
      const output = run(operation, name, { input, group: request.url.searchParams.get('groupName') ?? 'default', caller });
      note(200, output, caller);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(output) };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      note(error.status, error.message);
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.type, 'x-amzn-requestid': randomUUID() };
      return { status: error.status, headers, body: JSON.stringify({ Message: error.message }) };
    }
  }

  function run(
    operation: (typeof operations)[keyof typeof operations],
    name: string,
    { input, group: asked, caller }: { readonly input: unknown; readonly group: string; readonly caller: string },
  ): object {
    const parsed = input === undefined ? undefined : checked(input);
    const group = parsed?.GroupName ?? asked;
    refuseForbidden(permit?.(caller, needs(operation, arnOf(group, name), parsed)));
    if (!groups.includes(group)) throw new AwsFault('ResourceNotFoundException', `Schedule group ${group} does not exist.`, 404);
    const there = schedules.get(name);
    if (operation === 'CreateSchedule' && there !== undefined)
      throw new AwsFault('ConflictException', `Schedule ${name} already exists.`, 409);
    if (operation !== 'CreateSchedule' && there === undefined)
      throw new AwsFault('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    if (operation === 'GetSchedule') return { Name: name, ...there };
    if (operation === 'DeleteSchedule') schedules.delete(name);
    else if (parsed !== undefined) schedules.set(name, parsed);
    else throw new AwsFault('ValidationException', 'the request has no body');
    due.delete(name);
    writeFileSync(file, JSON.stringify(Object.fromEntries(schedules)));
    return operation === 'DeleteSchedule' ? {} : { ScheduleArn: arnOf(group, name) };
  }

  /** What the scheduler asks of its target, with what it fills in. */
  async function fire(name: string, schedule: Schedule, atMs: number): Promise<void> {
    const { Target, GroupName } = schedule;
    const scheduled = `${new Date(atMs).toISOString().slice(0, 19)}Z`;
    const detail = Target.Input.replaceAll('<aws.scheduler.scheduled-time>', scheduled)
      .replaceAll('<aws.scheduler.schedule-arn>', arnOf(GroupName, name))
      .replaceAll('<aws.scheduler.execution-id>', randomUUID())
      .replaceAll('<aws.scheduler.attempt-number>', '1');
    const { Source: source, DetailType: detailType } = Target.EventBridgeParameters;
    const entry = { at: Date.now(), source: 'scheduler' as const, name: `run ${name}`, request: { scheduled, detail } };
    try {
      await put({ roleArn: Target.RoleArn, busArn: Target.Arn, source, detailType, detail });
      journal({ ...entry, status: 200 });
    } catch (error) {
      journal({ ...entry, response: String(error), status: 500 });
    }
  }

  const isDue = (name: string, { ScheduleExpression, ScheduleExpressionTimezone, State }: Schedule, ms: number): boolean => {
    const test = due.get(name) ?? cronTimes(ScheduleExpression, ScheduleExpressionTimezone);
    due.set(name, test);
    return State === 'ENABLED' && test(ms);
  };

  let lastMinute = Math.floor(nowMs() / minuteMs);
  const clock = setInterval(() => {
    const now = Math.floor(nowMs() / minuteMs);
    if (now === lastMinute) return;
    lastMinute = now;
    for (const [name, schedule] of schedules) if (isDue(name, schedule, now * minuteMs)) void fire(name, schedule, now * minuteMs);
  }, 1_000);

  const server = await serve(answer);
  return {
    ...server,
    names: () => [...schedules].flatMap(([name, { State }]) => (State === 'ENABLED' ? [name] : [])),
    run: async (name, atMs) => {
      const schedule = schedules.get(name);
      if (schedule === undefined) throw new Error(`there is no schedule ${name}; there are: ${[...schedules.keys()].join(', ') || 'none'}`);
      await fire(name, schedule, atMs);
    },
    stop: async () => {
      clearInterval(clock);
      await server.stop();
    },
  };
}

function checked(input: unknown): Schedule {
  const parsed = v.safeParse(body, input);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new AwsFault('ValidationException', `${v.getDotPath(issue) ?? 'the request'}: ${issue.message}`);
  }
  try {
    cronTimes(parsed.output.ScheduleExpression, parsed.output.ScheduleExpressionTimezone);
  } catch (error) {
    throw new AwsFault('ValidationException', `Invalid Schedule Expression ${parsed.output.ScheduleExpression}: ${String(error)}`);
  }
  return parsed.output;
}

/** What it checks: the schedule itself, and that the caller may hand over the role. */
function needs(operation: string, schedule: string, input: Schedule | undefined): readonly IamCall[] {
  const passed =
    input === undefined ? [] : [iamCall('iam:PassRole', input.Target.RoleArn, { 'iam:PassedToService': ['scheduler.amazonaws.com'] })];
  return [iamCall(`scheduler:${operation}`, schedule), ...passed];
}

function isJson(given: string): boolean {
  try {
    JSON.parse(given);
    return true;
  } catch {
    // Not JSON is the answer to the question, not an error.
    return false;
  }
}
