import { fastTime } from './fast-time.ts';
import { usualJsonReport, usualTextReport } from './usual-report.ts';

/** How an invocation, an init or a restore ended. `failed` is whatever AWS calls error or failure. */
export type LineEnd =
  | { readonly kind: 'success' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly errorType: string | undefined };

/** Why an environment was made: only the first of these can keep a person waiting. */
export type InitType = 'on-demand' | 'provisioned-concurrency' | 'snap-start' | 'lambda-managed-instances';

/** One line of Lambda's own about an execution environment, in whichever format it was written. */
export type PlatformLine =
  | {
      readonly kind: 'init-start';
      readonly initType: InitType | undefined;
      readonly runtime: string | undefined;
      readonly functionName: string | undefined;
      /** The log stream, which is the environment's name. */
      readonly stream: string | undefined;
      readonly atMs: number | undefined;
    }
  | {
      readonly kind: 'start';
      readonly requestId: string;
      readonly functionName: string | undefined;
      readonly atMs: number | undefined;
    }
  | Report
  | {
      readonly kind: 'init-report';
      readonly initMs: number;
      /** `publish`: a snapshot was made; nobody waited. */
      readonly phase: 'init' | 'invoke' | 'publish';
      readonly initType: InitType | undefined;
      readonly end: LineEnd;
      readonly atMs: number | undefined;
    }
  | { readonly kind: 'restore-start' }
  | { readonly kind: 'restore-report'; readonly restoreMs: number; readonly end: LineEnd }
  /** A function on Managed Instances: many invocations at once, no init, no memory, no bill of its own. */
  | { readonly kind: 'managed-report'; readonly atMs: number | undefined }
  /** A Web Function, which has other events and no report for each request. */
  | { readonly kind: 'web'; readonly event: string };

/** The line that closes an invocation. */
export interface Report {
  readonly kind: 'report';
  /** Not unique: a retry carries the same. */
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly initMs: number | undefined;
  readonly restoreMs: number | undefined;
  readonly end: LineEnd;
  /** Milliseconds since 1970, when the line itself says it (JSON). */
  readonly atMs: number | undefined;
}

/** What a log line tells of an environment, or undefined for any other line. Never throws, whatever the line. */
export function parseReportLine(message: string): PlatformLine | undefined {
  switch (message.charCodeAt(0)) {
    case 82: // R
      return message.startsWith('REPORT ') ? textReport(message) : textRestore(message);
    case 73: // I
      return message.startsWith('INIT_START') ? textInitStart(message) : textInitReport(message);
    case 83: // S
      return textStart(message);
    case 123: // {
      return jsonLine(message);
    default:
      return undefined;
  }
}

const success: LineEnd = { kind: 'success' };
const timeout: LineEnd = { kind: 'timeout' };

const initDuration = /\bInit Duration: ([\d.]+) ms/;
const restoreDuration = /(?<!Billed )\bRestore Duration: ([\d.]+) ms/;
const status = /\bStatus: (\w+)(?:\s+Error Type: ([\w.:-]+))?/;

// The fields in the order they have had since 2014; consoles copy tabs as spaces, old lines have a space before the tab.
const usualReport =
  /^REPORT (?:RequestId: (\S+)\s+)?Duration: ([\d.]+) ms\s+Billed Duration: ([\d.]+) ms\s+Memory Size: (\d+) MB\s+Max Memory Used: \d+ MB(?:\s+Init Duration: ([\d.]+) ms)?\s*(.?)/;

function textReport(line: string): PlatformLine | undefined {
  const usual = usualTextReport(line);
  if (usual !== undefined) {
    // Each by its name: to spread them takes as long as to read them.
    const { durationMs, billedMs, memoryMb, initMs } = usual;
    const requestId = line.slice(18, 54);
    return { kind: 'report', requestId, durationMs, billedMs, memoryMb, initMs, restoreMs: undefined, end: success, atMs: undefined };
  }
  const found = usualReport.exec(line);
  if (found === null) return unusualReport(beforeXRay(line));
  const durationMs = Number(found[2]);
  const billedMs = Number(found[3]);
  const initMs = found[5] === undefined ? undefined : Number(found[5]);
  if (Number.isNaN(durationMs) || Number.isNaN(billedMs) || Number.isNaN(initMs ?? 0)) return undefined;
  const requestId = found[1] ?? '';
  const memoryMb = Number(found[4]);
  // Nearly every line ends here, or goes on with what X-Ray adds.
  if (found[6] === '' || found[6] === 'X') {
    return { kind: 'report', requestId, durationMs, billedMs, memoryMb, initMs, restoreMs: undefined, end: success, atMs: undefined };
  }
  const tail = beforeXRay(line.slice(found[0].length - 1));
  return {
    kind: 'report',
    requestId,
    durationMs,
    billedMs,
    memoryMb,
    initMs: initMs ?? numberAt(tail, initDuration),
    restoreMs: numberAt(tail, restoreDuration),
    end: textEnd(tail),
    atMs: undefined,
  };
}

/** The same fields in any order, among others: the local emulator's, and whatever Lambda may add. */
function unusualReport(line: string): PlatformLine | undefined {
  const durationMs = numberAt(line, /(?<!\w )\bDuration: ([\d.]+) ms/);
  const billedMs = numberAt(line, /\bBilled Duration: ([\d.]+) ms/);
  const memoryMb = numberAt(line, /\bMemory Size: (\d+) MB/);
  if (durationMs === undefined || billedMs === undefined || memoryMb === undefined) return undefined;
  const [, requestId = ''] = /\bRequestId: (\S+)/.exec(line) ?? [];
  const [initMs, restoreMs] = [numberAt(line, initDuration), numberAt(line, restoreDuration)];
  return { kind: 'report', requestId, durationMs, billedMs, memoryMb, initMs, restoreMs, end: textEnd(line), atMs: undefined };
}

/** What X-Ray adds is a line of its own within the event; console copies have it on the same line. */
function beforeXRay(text: string): string {
  const at = text.indexOf('XRAY TraceId:');
  return at === -1 ? text : text.slice(0, at);
}

function numberAt(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : finite(Number(found));
}

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

function textEnd(text: string): LineEnd {
  const [, word, errorType] = status.exec(text) ?? [];
  return endOf(word, errorType);
}

function endOf(word: unknown, errorType: unknown): LineEnd {
  if (word === undefined || word === 'success') return success;
  if (word === 'timeout') return timeout;
  return { kind: 'failed', errorType: typeof errorType === 'string' ? errorType : undefined };
}

function textInitStart(line: string): PlatformLine {
  const [, runtime] = /Runtime Version: (\S+)/.exec(line) ?? [];
  return { kind: 'init-start', initType: undefined, runtime, functionName: undefined, stream: undefined, atMs: undefined };
}

function textInitReport(line: string): PlatformLine | undefined {
  const initMs = line.startsWith('INIT_REPORT ') ? numberAt(line, initDuration) : undefined;
  if (initMs === undefined) return undefined;
  const [, phase] = /\bPhase: (\w+)/.exec(line) ?? [];
  return { kind: 'init-report', initMs, phase: phaseOf(phase), initType: undefined, end: textEnd(line), atMs: undefined };
}

/** Without a phase, or with one of its own, it is the init that SnapStart takes its picture of. */
const phaseOf = (phase: unknown): 'init' | 'invoke' | 'publish' => (phase === 'init' || phase === 'invoke' ? phase : 'publish');

function textRestore(line: string): PlatformLine | undefined {
  if (line.startsWith('RESTORE_START')) return { kind: 'restore-start' };
  if (!line.startsWith('RESTORE_REPORT ')) return undefined;
  const restoreMs = numberAt(line, restoreDuration);
  return restoreMs === undefined ? undefined : { kind: 'restore-report', restoreMs, end: textEnd(line) };
}

function textStart(line: string): PlatformLine | undefined {
  const [, requestId] = /^START RequestId: (\S+)/.exec(line) ?? [];
  return requestId === undefined ? undefined : { kind: 'start', requestId, functionName: undefined, atMs: undefined };
}

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function plainJsonReport(text: string): PlatformLine | undefined {
  const usual = text.startsWith('{"time":"') && text.charCodeAt(32) === 90 ? usualJsonReport(text) : undefined;
  const atMs = usual === undefined ? undefined : fastTime(text, 9);
  if (usual === undefined || atMs === undefined) return undefined;
  const { durationMs, billedMs, memoryMb, initMs } = usual;
  const requestId = text.slice(83, 119);
  return { kind: 'report', requestId, durationMs, billedMs, memoryMb, initMs, restoreMs: undefined, end: success, atMs };
}

function jsonLine(text: string): PlatformLine | undefined {
  const usual = plainJsonReport(text);
  if (usual !== undefined) return usual;
  if (!text.includes('"platform.')) return undefined;
  const line = parseJson(text);
  if (!isJson(line) || typeof line.type !== 'string' || !line.type.startsWith('platform.')) return undefined;
  // Web Functions write `timestamp` where all others write `time`.
  if (line.time === undefined && line.timestamp !== undefined) return { kind: 'web', event: line.type.slice('platform.'.length) };
  return platformLine(line.type, isJson(line.record) ? line.record : {}, timeOf(line.time));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // a function may write whatever it likes: it is no line of Lambda's
    return undefined;
  }
}

const timeOf = (value: unknown): number | undefined => (typeof value === 'string' ? finite(Date.parse(value)) : undefined);

function platformLine(type: string, record: Json, atMs: number | undefined): PlatformLine | undefined {
  switch (type) {
    case 'platform.report':
      return jsonReport(record, atMs);
    case 'platform.initStart':
      return {
        kind: 'init-start',
        initType: initTypeOf(record.initializationType),
        runtime: textOf(record.runtimeVersion),
        functionName: textOf(record.functionName),
        stream: textOf(record.instanceId),
        atMs,
      };
    case 'platform.start': {
      const requestId = textOf(record.requestId);
      const functionName = textOf(record.functionArn)?.split(':')[6];
      return requestId === undefined ? undefined : { kind: 'start', requestId, functionName, atMs };
    }
    case 'platform.initReport': {
      const metrics = isJson(record.metrics) ? record.metrics : {};
      const initMs = finite(metrics.durationMs);
      if (initMs === undefined) return undefined;
      const phase = phaseOf(record.phase);
      return { kind: 'init-report', initMs, phase, initType: initTypeOf(record.initializationType), end: jsonEnd(record), atMs };
    }
    case 'platform.restoreStart':
      return { kind: 'restore-start' };
    case 'platform.restoreReport': {
      const restoreMs = finite(isJson(record.metrics) ? record.metrics.durationMs : undefined);
      return restoreMs === undefined ? undefined : { kind: 'restore-report', restoreMs, end: jsonEnd(record) };
    }
    default:
      return webEvents.has(type) ? { kind: 'web', event: type.slice('platform.'.length) } : undefined;
  }
}

/** Events that only Web Functions have. */
const webEvents: ReadonlySet<string> = new Set(
  ['invokeStart', 'requestComplete', 'invokeSummary', 'invokeReport', 'spinDownStart', 'spinDownReport'].map((name) => `platform.${name}`),
);

const initTypes: readonly InitType[] = ['on-demand', 'provisioned-concurrency', 'snap-start', 'lambda-managed-instances'];

const initTypeOf = (value: unknown): InitType | undefined => initTypes.find((type) => type === value);

const jsonEnd = (record: Json): LineEnd => endOf(record.status, record.errorType);

function jsonReport(record: Json, atMs: number | undefined): PlatformLine | undefined {
  const metrics = isJson(record.metrics) ? record.metrics : {};
  const durationMs = finite(metrics.durationMs);
  const billedMs = finite(metrics.billedDurationMs);
  const memoryMb = finite(metrics.memorySizeMB);
  if (durationMs === undefined) return undefined;
  if (billedMs === undefined && memoryMb === undefined) return { kind: 'managed-report', atMs };
  return {
    kind: 'report',
    requestId: textOf(record.requestId) ?? '',
    durationMs,
    billedMs: billedMs ?? Math.ceil(durationMs),
    memoryMb: memoryMb ?? 0,
    initMs: finite(metrics.initDurationMs),
    restoreMs: finite(metrics.restoreDurationMs),
    end: jsonEnd(record),
    atMs,
  };
}

/** Whether the environment's process is gone after this end: the next invocation has to start it anew, and no line says so. */
export function isCrash(end: LineEnd): boolean {
  switch (end.kind) {
    case 'success':
      return false;
    case 'timeout':
      return true;
    case 'failed':
      // An error that the handler threw leaves the process alive, and has a name of the function's own.
      return end.errorType === undefined || /^(?:Runtime|Extension|Sandbox)\./.test(end.errorType);
  }
}
