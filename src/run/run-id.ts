import { hash } from 'node:crypto';

declare const brand: unique symbol;
/** `staging-20261123-0412-k3f9qa`: environment, minute asked for (UTC), and a hash of the request's key. */
export type RunId = string & { readonly [brand]: 'RunId' };

const pattern = /^[a-z][a-z0-9-]{0,27}-(?:\d{8}-\d{4}-[0-9a-z]{6}|task-[0-9a-z-]{1,12})$/;

/** The run's id if `text` is one, else undefined: for ids that come from outside (buttons, links, events). */
export function parseRunId(text: string): RunId | undefined {
  return pattern.test(text) ? (text as RunId) : undefined;
}

/** The id of the run that a request leads to: the same request always leads to the same run. `askedAt` is ISO 8601. */
export function runIdOf({ environment, key, askedAt }: { environment: string; key: string; askedAt: string }): RunId {
  const [day = '', time = ''] = new Date(askedAt).toISOString().split('T');
  const minute = `${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
  return `${environment}-${minute}-${shortHash(`${environment}\n${key}`)}` as RunId;
}

/** The id of a run that nobody asked us for: named after its task, so that the task and we find the same one. */
export function adoptedRunId(environment: string, taskArn: string): RunId {
  return `${environment}-task-${taskIdOf(taskArn).slice(0, 12)}` as RunId;
}

/** Whether the run is one that nobody asked us for. */
export function isAdopted(runId: RunId): boolean {
  return /-task-[0-9a-z-]{1,12}$/.test(runId) && !/-\d{8}-\d{4}-[0-9a-z]{6}$/.test(runId);
}

/** The environment a run belongs to: its id begins with it. */
export function environmentOf(runId: RunId): string {
  return runId.replace(isAdopted(runId) ? /-task-[0-9a-z-]{1,12}$/ : /-\d{8}-\d{4}-[0-9a-z]{6}$/, '');
}

/** The task's id: the last part of its ARN, in the old form (without the cluster) and the new one. */
export function taskIdOf(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf('/') + 1);
}

/** 64 hexadecimal digits that stand for `text` in an object's key. */
export function keyHash(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Six characters of base 36: two billion, for the requests of one environment in one minute. */
function shortHash(text: string): string {
  const number = BigInt(`0x${keyHash(text).slice(0, 15)}`) % 36n ** 6n;
  return number.toString(36).padStart(6, '0');
}
