import type { SuitePlan } from '../src/run/plan.ts';
import { parseRunId } from '../src/run/run-id.ts';
import { parseSuitePlan } from '../src/run/stored.ts';

/** What the container is told by its environment: the task definition's, RunTask's override, and ECS's own. */
export interface Settings {
  readonly stage: string;
  readonly bucket: string;
  readonly environment: string;
  /** Folder of the suite. */
  readonly suite: string;
  /** The browser for the suite, if the image has one. */
  readonly chromePath?: string;
  readonly task: SettingsTask;
}

/** What this container is to do. */
export type SettingsTask =
  | {
      readonly kind: 'planned';
      readonly runId: string;
      readonly shard: number;
      /** Which container of the shard it is, from 1. */
      readonly take: number;
    }
  /** Started by hand: it does what its task definition says, and writes its own plan. */
  | { readonly kind: 'unasked'; readonly defaults: SuitePlan; readonly metadataUrl: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the container's environment, once. @throws naming everything that is missing or wrong at once */
export function readSettings(environment: Environment): Settings {
  const wrong: string[] = [];
  const text = (name: string): string => {
    const value = environment[name]?.trim() ?? '';
    if (value === '') wrong.push(`${name} is missing`);
    return value;
  };
  const settings = {
    stage: text('COLDFRAME_STAGE'),
    bucket: text('COLDFRAME_BUCKET'),
    environment: text('COLDFRAME_ENVIRONMENT'),
    suite: text('COLDFRAME_SUITE'),
    ...(environment.CHROME_PATH && { chromePath: environment.CHROME_PATH }),
    task: readTask(environment, text, wrong),
  };
  if (wrong.length > 0)
    throw new Error(`This container cannot work: ${wrong.join('; ')}. Its environment comes from the task definition and from RunTask.`);
  return settings;
}

function readTask(environment: Environment, text: (name: string) => string, wrong: string[]): SettingsTask {
  if (environment.COLDFRAME_RUN === undefined) {
    return {
      kind: 'unasked',
      defaults: readDefaults(text('COLDFRAME_DEFAULTS'), wrong),
      metadataUrl: text('ECS_CONTAINER_METADATA_URI_V4'),
    };
  }
  const runId = environment.COLDFRAME_RUN;
  const isOurs = parseRunId(runId) !== undefined && runId.startsWith(`${environment.COLDFRAME_ENVIRONMENT}-`);
  if (!isOurs) wrong.push(`COLDFRAME_RUN "${runId}" is no run of this environment`);
  const shard = text('COLDFRAME_SHARD');
  if (!/^[1-9]\d{0,2}$/.test(shard)) wrong.push(`COLDFRAME_SHARD "${shard}" is no number from 1 to 999`);
  const take = environment.COLDFRAME_TAKE ?? '1';
  if (!/^[1-9]$/.test(take)) wrong.push(`COLDFRAME_TAKE "${take}" is no number from 1 to 9`);
  return { kind: 'planned', runId, shard: Number(shard), take: Number(take) };
}

const nothing: SuitePlan = { url: '', tags: '', retry: 0, features: [], limitMs: 0, progressEveryMs: 0 };

function readDefaults(json: string, wrong: string[]): SuitePlan {
  try {
    return parseSuitePlan(JSON.parse(json));
  } catch (error) {
    wrong.push(`COLDFRAME_DEFAULTS is no suite's plan (${error instanceof Error ? error.message : String(error)})`);
    return nothing;
  }
}
