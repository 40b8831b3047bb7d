import { coldStartCounter, type Invocation, type Window } from '../../src/coldstart/count.ts';
import { exportedLog, type LogLine } from '../../src/coldstart/exported-log.ts';
import { figuresOf } from '../../src/coldstart/tally.ts';

/** Counts these lines, and what the simulator would be told of them. */
export const count = (lines: readonly LogLine[], window?: Window) => {
  const told: Invocation[] = [];
  const counter = coldStartCounter({ ...(window && { window }), tell: (one) => told.push(one) });
  for (const line of lines) counter.read(line);
  const counted = counter.end();
  return { ...figuresOf(counted.all), counted, told };
};

/** The events of an exported log. */
export const fromText = (text: string): readonly LogLine[] => {
  const lines: LogLine[] = [];
  const log = exportedLog((event) => lines.push(event));
  for (const line of text.split('\n')) log.read(line);
  log.end();
  return lines;
};

export const start = Date.parse('2026-10-08T07:30:00Z');
export const stream = '2026/10/08/[$LATEST]22be53a8cfde4e68b844f8ec293b2543';
/** A line of one environment, so many milliseconds after the start. */
export const at = (ms: number, message: string, of: string = stream): LogLine => ({
  message,
  atMs: start + ms,
  stream: of,
  functionName: 'orders',
});
export const report = (fields: string, duration = 10): string =>
  `REPORT RequestId: 8d5958b5-559f-43f3-b278-b71dd7dd0e01\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${duration} ms\tMemory Size: 256 MB\tMax Memory Used: 95 MB\t${fields}`;
export const initStart = 'INIT_START Runtime Version: nodejs:24.v12\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:1';
