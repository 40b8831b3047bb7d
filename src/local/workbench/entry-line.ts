import type { Masking } from '../../app/mask.ts';
import type { JournalEntry } from '../wire/journal.ts';
import type { Numbered } from './journal-book.ts';

/** Between whom something went, for whoever filters. */
export type Way = 'slack to app' | 'app to slack' | 'event' | 'aws call' | 'function' | 'link';

/** One entry of the journal as a line of the inspector. */
export interface EntryLine {
  readonly n: number;
  readonly at: number;
  readonly way: Way;
  readonly title: string;
  /** What else is worth a glance: an error's name, the rules that matched. */
  readonly detail: string;
  readonly isBad: boolean;
  readonly status?: number;
  readonly durationMs?: number;
  /** The runs it speaks of. */
  readonly runs: readonly string[];
}

export function entryLine({ n, entry }: Numbered, masking: Masking): EntryLine {
  const { at, status, durationMs } = entry;
  const detail = detailOf(entry);
  return {
    n,
    at,
    way: wayOf(entry),
    title: masking.text(titleOf(entry)),
    detail: masking.text(detail.text),
    isBad: detail.isBad || (status ?? 200) >= 400,
    ...(status !== undefined && { status }),
    ...(durationMs !== undefined && { durationMs }),
    runs: runsOf(entry),
  };
}

function wayOf({ source, name }: JournalEntry): Way {
  switch (source) {
    case 'slack':
      return /^(command|block_actions|view_submission|view_closed|event|delivered again)\b/.test(name) ? 'slack to app' : 'app to slack';
    case 'gateway':
      return /^POST \/slack/.test(name) ? 'slack to app' : 'link';
    case 'events':
      return /^PutEvents$/.test(name) ? 'aws call' : 'event';
    case 'scheduler':
      return name.startsWith('run ') ? 'event' : 'aws call';
    case 'ecs':
      return name === 'ECS Task State Change' ? 'event' : 'aws call';
    case 'sqs':
      return 'event';
    case 'lambda':
      return 'function';
    case 's3':
    case 'ssm':
    case 'logs':
      return 'aws call';
  }
}

const services = {
  s3: 'S3',
  ssm: 'SSM',
  logs: 'Logs',
  ecs: 'ECS',
  events: 'EventBridge',
  scheduler: 'Scheduler',
  sqs: 'SQS',
  gateway: 'API',
} as const;

function titleOf({ source, name, request }: JournalEntry): string {
  if (source === 'slack' || source === 'lambda') return name;
  if (name === 'ECS Task State Change' && source === 'ecs')
    return `ECS: the task is ${field(field(request, 'detail'), 'lastStatus') ?? '?'}`;
  return `${services[source]}: ${name}`;
}

function detailOf({ source, request, response }: JournalEntry): { readonly text: string; readonly isBad: boolean } {
  const error = field(response, 'error') ?? field(response, '__type') ?? field(response, 'code');
  if (typeof error === 'string') return { text: error, isBad: field(response, 'ok') === false };
  if (field(response, 'kind') === 'failed')
    return { text: String(field(field(response, 'error'), 'errorMessage') ?? 'failed'), isBad: true };
  const kind = field(response, 'kind');
  if (kind === 'timed-out' || kind === 'unreachable') return { text: String(kind), isBad: true };
  const rules = field(response, 'rules');
  if (Array.isArray(rules)) return { text: rules.length === 0 ? 'no rule matches' : `matched by ${rules.join(', ')}`, isBad: false };
  if (source === 'ecs') return { text: String(field(field(request, 'detail'), 'stopCode') ?? ''), isBad: false };
  const key = field(request, 'key') ?? field(request, 'prefix');
  if (source === 's3') return { text: typeof key === 'string' ? key : '', isBad: false };
  const text = field(request, 'text');
  return { text: typeof text === 'string' ? text.slice(0, 120) : '', isBad: false };
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Readonly<Record<string, unknown>>)[name] : undefined;

/** A run's id, wherever it stands: in a key, in JSON within JSON, in a link. */
const runId = /\b[a-z][a-z0-9-]{0,27}-(?:\d{8}-\d{4}-[0-9a-z]{6}|task-[0-9a-f]{12})\b/g;

const runsOf = ({ name, request, response }: JournalEntry): readonly string[] => [
  ...new Set(`${name} ${JSON.stringify(request) ?? ''} ${JSON.stringify(response) ?? ''}`.match(runId) ?? []),
];
