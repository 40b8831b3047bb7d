import { createHash, randomBytes } from 'node:crypto';

/** Puts events into a log stream, which is made when it is not there. An event may have several lines. */
export type AppendLog = (group: string, stream: string, lines: readonly string[]) => Promise<void> | void;

/** How an invocation or an init ended when it did not end well. */
export type BadEnd = { readonly status: 'timeout' } | { readonly status: 'error'; readonly errorType: string };

/** What the line that closes an invocation tells. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** Only for the first invocation of a process. */
  readonly initDurationMs?: number | undefined;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  readonly end?: BadEnd | undefined;
}

/** The name of a new log stream: one for each execution environment, `2026/11/23/[$LATEST]…`. */
export function newStreamName(nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}

/** `nodeVersion` as in `process.version`. The ARN is made up, but the same for the same version. */
export function initStartLine(nodeVersion: string, region: string): string {
  const runtime = `nodejs:${nodeVersion.replace('v', '')}.local`;
  const arn = `arn:aws:lambda:${region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`;
  return `INIT_START Runtime Version: ${runtime}\tRuntime Version ARN: ${arn}`;
}

/** Written only about an init that failed: `phase` is `invoke` when it was tried again for the waiting invocation. */
export const initReportLine = (durationMs: number, phase: 'init' | 'invoke', end: BadEnd): string =>
  [`INIT_REPORT Init Duration: ${ms(durationMs)}`, `Phase: ${phase}`, ...endFields(end)].join('\t');

export const startLine = (requestId: string): string => `START RequestId: ${requestId} Version: $LATEST`;

export const endLine = (requestId: string): string => `END RequestId: ${requestId}`;

/** Since August 2025 the init is billed as well. */
export function reportLine({ requestId, durationMs, initDurationMs, memoryMb, maxMemoryMb, end }: Report): string {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${ms(durationMs)}`,
    `Billed Duration: ${Math.ceil(hundredths(durationMs) + hundredths(initDurationMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${maxMemoryMb} MB`,
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${ms(initDurationMs)}`]),
  ];
  // The real line ends with a tab when all went well.
  return [...fields, ...(end === undefined ? [''] : endFields(end))].join('\t');
}

export const timeoutLine = (nowMs: number, requestId: string, limitMs: number): string =>
  `${new Date(nowMs).toISOString()} ${requestId} ${timeoutText(limitMs)}\n\n`;

export const timeoutText = (limitMs: number): string => `Task timed out after ${(limitMs / 1_000).toFixed(2)} seconds`;

const endFields = (end: BadEnd): readonly string[] =>
  end.status === 'timeout' ? ['Status: timeout'] : ['Status: error', `Error Type: ${end.errorType}`];

const ms = (value: number): string => `${value.toFixed(2)} ms`;

/** What is billed is the sum of the numbers as shown. */
const hundredths = (value: number): number => Math.round(value * 100) / 100;
