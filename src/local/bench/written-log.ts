import { open } from 'node:fs/promises';
import { chance } from '../../coldstart/chance.ts';

/** How a log was exported: bare lines of either format, or as `aws logs tail` prints them, with time and stream. */
export const formats = ['text', 'json', 'tail', 'tail of JSON'] as const;
export type Format = (typeof formats)[number];

const functions = 20;
const betweenCallsMs = 6_000;
const lifetimeMs = 6 * 60_000;

/**
 * Writes the reports of twenty functions, each called at random every two minutes: one in twenty starts cold, as environments live for
 * six idle minutes.
 */
export async function writeLog(path: string, lines: number, format: Format): Promise<string> {
  const random = chance(1);
  const next = calls(random);
  const file = await open(path, 'w');
  for (let line = 0; line < lines; ) {
    const part: string[] = [];
    for (; part.length < 10_000 && line < lines; line += 1) part.push(written(next(), line, { random, format }));
    await file.write(`${part.join('\n')}\n`);
  }
  await file.close();
  return path;
}

interface Call {
  readonly at: string;
  readonly stream: string;
  readonly isCold: boolean;
}

/** One call after the other. */
function calls(random: () => number): () => Call {
  const lastMs = new Array<number>(functions).fill(0);
  const environments = new Array<number>(functions).fill(0);
  let [atMs, made] = [1_780_000_000_000, 0];
  return () => {
    atMs -= Math.log(1 - random()) * betweenCallsMs;
    const called = Math.floor(random() * functions);
    const isCold = atMs - (lastMs[called] ?? 0) > lifetimeMs;
    if (isCold) {
      made += 1;
      environments[called] = made;
    }
    lastMs[called] = atMs;
    const name = (environments[called] ?? 0).toString(16).padStart(32, '0');
    return { at: new Date(atMs).toISOString(), stream: `2026/11/23/fn-${called}[$LATEST]${name}`, isCold };
  };
}

function written({ at, stream, isCold }: Call, line: number, { random, format }: { random: () => number; format: Format }): string {
  const requestId = `${(line + 0x10000000).toString(16)}-b5ee-4e84-a656-95eb6eee865a`;
  const durationMs = Math.round(random() * 30_000) / 100;
  const initMs = isCold ? Math.round(30_000 + random() * 20_000) / 100 : undefined;
  const billed = Math.ceil(durationMs + (initMs ?? 0));
  const prefix = format.startsWith('tail') ? `${at.replace('Z', '000+00:00')} ${stream} ` : '';
  if (format === 'text' || format === 'tail') {
    const init = initMs === undefined ? '' : `Init Duration: ${initMs.toFixed(2)} ms\t`;
    return `${prefix}REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: 256 MB\tMax Memory Used: 95 MB\t${init}`;
  }
  const sizes = { memorySizeMB: 256, maxMemoryUsedMB: 123 };
  const metrics = { durationMs, billedDurationMs: billed, ...sizes, ...(initMs !== undefined && { initDurationMs: initMs }) };
  return prefix + JSON.stringify({ time: at, type: 'platform.report', record: { requestId, metrics, status: 'success' } });
}
