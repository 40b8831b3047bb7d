import * as v from 'valibot';
import { masking } from '../../app/mask.ts';
import type { LocalEcs, ShownTask } from '../ecs/ecs.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { LocalLogs } from '../logs/logs.ts';
import type { Incoming, Outgoing } from '../wire/http-server.ts';
import { eventStream, json } from '../wire/page-answer.ts';
import { entryLine } from './entry-line.ts';
import type { JournalBook } from './journal-book.ts';
import { troubleOffers } from './trouble-offers.ts';
import type { Troubles } from './troubles.ts';

export interface WorkbenchOptions {
  readonly book: JournalBook;
  readonly troubles: Troubles;
  readonly ecs: Pick<LocalEcs, 'tasks' | 'kill'>;
  readonly lambda: Pick<Lambda, 'processes'>;
  readonly functions: readonly { readonly name: string; readonly functionName: string }[];
  readonly logs: Pick<LocalLogs, 'tail'>;
  /** Fires the sweeper's schedule. */
  readonly sweep: () => void;
  /** Asks for every weekly digest as if it were due now. */
  readonly digest: () => void;
  /** What is never to be shown, wherever it stands. */
  readonly secrets: readonly string[];
}

/** What stands beside the channels: the inspector and the troubles. */
export interface Workbench {
  /** What a request below `/workbench/` gets. */
  answer(request: Incoming): Outgoing;
  /** Tells the readers of a log. */
  logged(group: string, stream: string, lines: readonly string[]): void;
}

const firstEntries = 500;
const mostTasks = 30;
const mostLogLines = 2_000;
/** Changes that come together are shown together. */
const pauseMs = 100;

export function startWorkbench(options: WorkbenchOptions): Workbench {
  const { book, troubles, ecs, lambda, functions, logs, sweep, digest } = options;
  const masked = masking(options.secrets);
  const logListeners = new Set<(group: string, stream: string, lines: readonly string[]) => void>();
  const offers = troubleOffers.map(({ kind, choices }) => ({ kind, values: choices.map(({ value }) => value) }));
  const tallies = new Map<string, Tally>();
  for (const { entry } of book.last(Number.MAX_SAFE_INTEGER)) count(entry);
  book.onEntry(({ entry }) => count(entry));

  function count({ source, name, status = 200, durationMs = 0, at }: ReturnType<JournalBook['entries']>[number]): void {
    const invoked = source === 'lambda' ? /^invoke (.+)$/.exec(name)?.[1] : undefined;
    if (invoked === undefined) return;
    const { invocations = 0, failures = 0 } = tallies.get(invoked) ?? {};
    tallies.set(invoked, { invocations: invocations + 1, failures: failures + (status >= 400 ? 1 : 0), lastAt: at, lastMs: durationMs });
  }

  const status = () => ({
    tasks: ecs.tasks().toReversed().slice(0, mostTasks).map(taskLine),
    functions: functions.map(({ name, functionName }) => ({
      name,
      group: `/aws/lambda/${functionName}`,
      processes: lambda.processes(name).map(({ pid, isBusy }) => ({ pid, isBusy })),
      ...(tallies.get(name) ?? { invocations: 0, failures: 0 }),
    })),
    armed: troubles.armed(),
    struck: troubles.struck(),
  });

  function events(): Outgoing {
    return eventStream((send) => {
      let shown = '';
      let pause: NodeJS.Timeout | undefined;
      const sendStatus = () => {
        pause = undefined;
        const now = status();
        const text = JSON.stringify(now);
        if (text !== shown) send('status', now);
        shown = text;
      };
      const soon = () => {
        pause ??= setTimeout(sendStatus, pauseMs);
      };
      const onLog = (group: string, stream: string, lines: readonly string[]) => {
        send('log', { group, stream, lines: lines.map((message) => ({ at: Date.now(), text: masked.text(message) })) });
        soon();
      };
      send('offers', troubleOffers);
      send(
        'entries',
        book.last(firstEntries).map((one) => entryLine(one, masked)),
      );
      sendStatus();
      const endings = [
        book.onEntry((one) => {
          send('entries', [entryLine(one, masked)]);
          soon();
        }),
        troubles.onChange(soon),
        () => logListeners.delete(onLog),
      ];
      logListeners.add(onLog);
      return () => {
        clearTimeout(pause);
        for (const end of endings) end();
      };
    });
  }

  function entry(n: number): Outgoing {
    const found = book.find(n);
    if (found === undefined) return json(404, { error: `entry ${n} is not kept any more` });
    return json(200, { request: masked.value(readable(found.request)), response: masked.value(readable(found.response)) });
  }

  function log(group: string, stream: string | null): Outgoing {
    const lines = logs.tail({ group, ...(stream !== null && { stream }) }, mostLogLines);
    return json(
      200,
      lines.map(({ timestamp, message }) => ({ at: timestamp, text: masked.text(message) })),
    );
  }

  function makeTrouble(body: Buffer): Outgoing {
    const { kind, choice } = v.parse(deed, JSON.parse(body.toString()));
    if (!offers.some((offer) => offer.kind === kind && offer.values.includes(choice)))
      return json(400, { error: `there is no trouble ${kind} with ${choice}` });
    switch (kind) {
      case 'kill-task':
        return killTask(choice === 'spot' ? 'spot' : 'sigkill');
      case 'sweep':
        sweep();
        troubles.note('sweep', 'the sweeper was called');
        break;
      case 'digest':
        digest();
        troubles.note('digest', 'every weekly digest was asked for');
        break;
      default:
        troubles.arm(kind, choice);
    }
    return json(200, { kind: 'taken' });
  }

  function killTask(how: 'sigkill' | 'spot'): Outgoing {
    const running = ecs.tasks().findLast(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING');
    if (running === undefined) {
      return json(200, { kind: 'failed', because: 'No task is running: start a run first, and wait until its message says so.' });
    }
    ecs.kill(running.id, how);
    troubles.note('kill-task', running.startedBy ?? running.id);
    return json(200, { kind: 'taken' });
  }

  function answer({ method, url, body }: Incoming): Outgoing {
    switch (`${method} ${url.pathname}`) {
      case 'GET /workbench/events':
        return events();
      case 'GET /workbench/entry':
        return entry(Number(url.searchParams.get('n')));
      case 'GET /workbench/log':
        return log(url.searchParams.get('group') ?? '', url.searchParams.get('stream'));
      case 'POST /workbench/trouble':
        return makeTrouble(body);
      case 'POST /workbench/take-back':
        troubles.takeBack(v.parse(v.object({ id: v.number() }), JSON.parse(body.toString())).id);
        return json(200, { kind: 'taken' });
      default:
        return json(404, { error: `there is nothing at ${method} ${url.pathname}` });
    }
  }

  return {
    answer,
    logged: (group, stream, lines) => {
      for (const listener of logListeners) listener(group, stream, lines);
    },
  };
}

interface Tally {
  readonly invocations: number;
  readonly failures: number;
  readonly lastAt: number;
  readonly lastMs: number;
}

const deed = v.object({ kind: v.picklist(troubleOffers.map(({ kind }) => kind)), choice: v.string() });

const taskLine = ({
  id,
  startedBy,
  family,
  lastStatus,
  createdAt,
  startedAt,
  stoppedAt,
  stopCode,
  stoppedReason,
  container,
  log,
}: ShownTask) => ({
  id,
  family,
  lastStatus,
  createdAt,
  log,
  run: startedBy,
  startedAt,
  stoppedAt,
  stopCode,
  stoppedReason,
  exitCode: container?.exitCode,
});

/** Forms and JSON within JSON, as a person would rather read them. */
function readable(value: unknown): unknown {
  if (typeof value === 'string') return readableText(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, readable(held)]));
}

function readableText(text: string): unknown {
  if (/^(?:[\w-]+=[^&\s]*&)+[\w-]+=[^&\s]*$|^payload=[^&\s]*$/.test(text)) return readable(Object.fromEntries(new URLSearchParams(text)));
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return readable(JSON.parse(text));
  } catch {
    // it only looked like JSON
    return text;
  }
}
