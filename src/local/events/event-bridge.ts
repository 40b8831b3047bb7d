import { randomUUID } from 'node:crypto';
import type { Permit } from '../iam/permissions.ts';
import type { StackRule, StackTarget } from '../stack/stack.ts';
import { serveAwsJson } from '../wire/aws-json.ts';
import type { Journal } from '../wire/journal.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { describeRuleOperation } from './describe-rule.ts';
import { checkPattern, type EventTest } from './event-pattern.ts';
import { eventsNeeds } from './events-needs.ts';
import { type AcceptedEntry, putEventsOperation } from './put-events.ts';

/** An event as targets get it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 without milliseconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** What becomes of one event on its way to one target. `duplicate`: so often in all. */
export type Disturbance = 'deliver' | 'drop' | { readonly duplicate: number } | { readonly delayMs: number };

export interface EventBridgeOptions {
  readonly rules: readonly StackRule[];
  /** Buses beside `default` and those the rules are on. */
  readonly buses?: readonly string[];
  readonly invokeAsync: (functionName: string, event: EventEnvelope) => void;
  readonly sendMessage: (queueName: string, body: string) => void;
  /** For the fault tests; without it, everything arrives once and at once. */
  readonly disturb?: (event: EventEnvelope, target: StackTarget) => Disturbance;
  readonly journal: Journal;
  readonly credentials?: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit;
  readonly region?: string;
  readonly account?: string;
  readonly port?: number;
}

export interface EventBridge {
  /** For AWS_ENDPOINT_URL_EVENTBRIDGE. */
  readonly url: string;
  /** Takes an event of AWS itself (S3, ECS); those go to the default bus. */
  deliver(event: EventEnvelope): void;
  /**
   * Fires a schedule now.
   *
   * @throws for a rule that is no schedule
   */
  tick(ruleName: string): void;
  /** Disables a rule; gives what enables it again. */
  disable(ruleName: string): () => void;
  stop(): Promise<void>;
}

/**
 * EventBridge on this machine: PutEvents in front, the stack's rules behind. A schedule fires for the first time after one period.
 *
 * @throws for a rule whose pattern is not valid
 */
export async function startEventBridge(options: EventBridgeOptions): Promise<EventBridge> {
  const { rules, journal, invokeAsync, sendMessage, disturb = () => 'deliver' as const } = options;
  const {
    region = 'eu-central-1',
    account = '000000000000',
    port,
    credentials = [{ accessKeyId: 'local', secretAccessKey: 'local' }],
  } = options;
  const matching = rules.flatMap((rule) => (rule.when.kind === 'pattern' ? [{ rule, test: testOf(rule, rule.when.pattern) }] : []));
  const buses = new Set(['default', ...rules.map((rule) => rule.bus), ...(options.buses ?? [])]);
  const delayed = new Set<NodeJS.Timeout>();
  const disabled = new Set<string>();

  function deliver(event: EventEnvelope, bus = 'default'): void {
    const matched = matching
      .filter(({ rule, test }) => rule.bus === bus && !disabled.has(rule.name) && test(event))
      .map(({ rule }) => rule);
    const response = { bus, rules: matched.map((rule) => rule.name) };
    journal({ at: Date.now(), source: 'events', name: event['detail-type'], request: event, response, status: 200 });
    for (const rule of matched) send(rule, event);
  }

  function fire(rule: StackRule): void {
    const resources = [`arn:aws:events:${region}:${account}:rule/${rule.name}`];
    send(rule, envelope({ source: 'aws.events', detailType: 'Scheduled Event', resources, detail: {} }));
  }

  function tick(ruleName: string): void {
    const rule = rules.find((candidate) => candidate.name === ruleName && candidate.when.kind === 'every');
    if (rule === undefined) throw new Error(`there is no schedule \`${ruleName}\`; there are: ${scheduleNames(rules)}`);
    fire(rule);
  }

  function send(rule: StackRule, event: EventEnvelope): void {
    for (const target of rule.targets) {
      const what = disturb(event, target);
      if (what !== 'deliver')
        note(`disturbed: ${event['detail-type']} for ${nameOf(target)}`, { rule: rule.name, id: event.id }, what, 200);
      if (typeof what === 'object' && 'delayMs' in what) later(what.delayMs, () => handOver(rule, target, event));
      else for (let left = timesOf(what); left > 0; left -= 1) handOver(rule, target, event);
    }
  }

  function later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      delayed.delete(timer);
      run();
    }, delayMs);
    delayed.add(timer);
  }

  function handOver(rule: StackRule, target: StackTarget, event: EventEnvelope): void {
    const name = `${event['detail-type']} → ${nameOf(target)}`;
    const request = { rule: rule.name, id: event.id };
    try {
      if (target.kind === 'function') invokeAsync(target.name, event);
      else sendMessage(target.queueName, target.input ?? JSON.stringify(event));
      note(name, request, undefined, 200);
    } catch (error) {
      // Here a hand-over fails only for a target that is not there. EventBridge does not try that again either.
      note(name, request, String(error), 500);
      letterOf(target, event);
    }
  }

  function letterOf(target: StackTarget, event: EventEnvelope): void {
    note(`DEAD LETTER for ${nameOf(target)}`, event, undefined, 500);
    if (target.deadLetters === undefined) return;
    try {
      sendMessage(target.deadLetters.queueName, JSON.stringify(event));
    } catch (error) {
      note(`DEAD LETTER → ${target.deadLetters.queueName}`, event, String(error), 500);
    }
  }

  function note(name: string, request: unknown, response: unknown, status: number): void {
    journal({ at: Date.now(), source: 'events', name, request, response, status });
  }

  function envelope({ source, detailType, detail, resources, timeMs = Date.now() }: NewEvent): EventEnvelope {
    const time = `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
    return { version: '0', id: randomUUID(), 'detail-type': detailType, source, account, time, region, resources, detail };
  }

  function accept({ bus, ...entry }: AcceptedEntry): string {
    const event = envelope(entry);
    // The caller is answered first: on AWS, too, the targets come later.
    setImmediate(() => deliver(event, bus));
    return event.id;
  }

  const server = await serveAwsJson({
    service: 'events',
    target: 'AWSEvents',
    operations: { PutEvents: putEventsOperation({ buses, accept }), DescribeRule: describeRuleOperation(rules, disabled) },
    whyNot: { PutRule: 'rules are read from serverless.yml', PutTargets: 'targets are read from serverless.yml' },
    shown: (value) => value,
    port,
    journal,
    credentials,
    permit: options.permit,
    needs: (_, input) => eventsNeeds({ region, account }, input),
  });
  const schedules = rules.flatMap((rule) =>
    rule.when.kind === 'every' ? [setInterval(() => void (disabled.has(rule.name) || fire(rule)), rule.when.periodMs)] : [],
  );

  function disable(ruleName: string): () => void {
    disabled.add(ruleName);
    return () => void disabled.delete(ruleName);
  }

  async function stop(): Promise<void> {
    for (const schedule of schedules) clearInterval(schedule);
    for (const timer of delayed) clearTimeout(timer);
    await server.stop();
  }

  return { url: server.url, deliver: (event) => deliver(event), tick, disable, stop };
}

type NewEvent = Omit<AcceptedEntry, 'bus'>;

function testOf(rule: StackRule, pattern: unknown): EventTest {
  try {
    return checkPattern(pattern);
  } catch (error) {
    throw new Error(`the rule ${rule.name} can't be used: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const timesOf = (what: 'deliver' | 'drop' | { readonly duplicate: number }): number => {
  if (typeof what === 'object') return what.duplicate;
  return what === 'deliver' ? 1 : 0;
};

const nameOf = (target: StackTarget): string => (target.kind === 'function' ? target.name : target.queueName);

const scheduleNames = (rules: readonly StackRule[]): string =>
  rules.flatMap(({ name, when }) => (when.kind === 'every' ? [name] : [])).join(', ') || 'none';
