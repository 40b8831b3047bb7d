import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chance } from '../../src/coldstart/chance.ts';
import { poisson, type SimulatedFunction, simulatedLog } from '../coldstart/simulated-log.ts';

const hourMs = 3_600_000;
const spanMs = 48 * hourMs;

/** A function to be simulated, and how often it is called in an hour. */
export interface Shop {
  readonly name: string;
  readonly perHour: number;
  readonly initMs: number;
}

/** Writes what Lambda would have logged of these functions in the last two days into a local world's folder that is not running. */
export async function writeShopLogs(dir: string, shops: readonly Shop[], nowMs: number): Promise<void> {
  const random = chance(7);
  const functions = shops.map(
    ({ name, perHour, initMs }): SimulatedFunction => ({
      name,
      arrivals: poisson(perHour, spanMs, random, nowMs - spanMs),
      durationMs: () => 20 + 200 * random(),
      initMs,
    }),
  );
  const files = new Map<string, string[]>();
  for (const { functionName, stream, arrivedMs, durationMs, initMs } of simulatedLog(functions, () => hourMs * (0.085 + 0.03 * random()))) {
    const file = fileOf(dir, functionName, stream);
    const lines = files.get(file) ?? [];
    files.set(file, lines);
    const spread = initMs * (0.9 + 0.4 * random() ** 3);
    const took = initMs === 0 ? '' : `Init Duration: ${spread.toFixed(2)} ms\t`;
    if (took !== '')
      lines.push(line(arrivedMs, 'INIT_START Runtime Version: nodejs:24.v12\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:1'));
    const billed = Math.ceil(durationMs + (initMs === 0 ? 0 : spread));
    const report = `REPORT RequestId: 8d5958b5-559f-43f3-b278-b71dd7dd0e01\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: 512 MB\tMax Memory Used: 95 MB\t${took}`;
    lines.push(line(arrivedMs + durationMs + (initMs === 0 ? 0 : spread), report));
  }
  await writeAll(files);
}

/** A function whose system log level hides its reports. */
export async function writeQuietLog(dir: string, name: string, nowMs: number): Promise<void> {
  await writeAll(new Map([[fileOf(dir, name, '2026/11/27/[$LATEST]a'), [line(nowMs - hourMs, 'order 4711 was paid')]]]));
}

const fileOf = (dir: string, name: string, stream: string): string =>
  join(dir, 'logs', encodeURIComponent(`/aws/lambda/${name}`), `${encodeURIComponent(stream)}.ndjson`);

const line = (atMs: number, message: string): string =>
  `${JSON.stringify({ timestamp: Math.round(atMs), ingestionTime: Math.round(atMs), message })}\n`;

async function writeAll(files: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const [file, lines] of files) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, lines.join(''));
  }
}
