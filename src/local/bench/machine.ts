import { cpus, loadavg, totalmem } from 'node:os';

/** What a benchmark ran on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  /** How many processes wanted a processor in the minute before: above zero, somebody else was at work. */
  readonly loadBefore: number;
}

/** Asked before anything is measured. */
export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  platform: `${process.platform} ${process.arch}`,
  loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
});

export const machineAsText = ({ cpu, cores, memoryGb, platform, loadBefore }: Machine): string =>
  `${cores} × ${cpu}, ${memoryGb} GB, ${platform}, load ${loadBefore} before`;
