import * as v from 'valibot';
import type { Bus } from '../aws/bus.ts';
import type { Store } from '../aws/store.ts';
import { lostSentences } from '../message/lost-shards.ts';
import { runMessage } from '../message/run-message.ts';
import { hasEnded, type RunView } from '../message/run-view.ts';
import { cut, escapeText, oneLine } from '../message/text.ts';
import type { Counts, Failure, Outcome, OutcomeKind } from '../outcome/outcome.ts';
import type { AuditEntry } from '../run/audit.ts';
import type { Catalogue } from '../run/catalogue.ts';
import type { CiCaller } from '../run/ci.ts';
import { parseCiRequest } from '../run/ci-request.ts';
import { maxCharacters } from '../run/command.ts';
import { httpKeys } from '../run/keys.ts';
import { type LinkKey, linkTo } from '../run/link.ts';
import { maxAgeMs, type RunRequest } from '../run/request.ts';
import { environmentOf, keyHash, parseRunId, type RunId, runIdOf } from '../run/run-id.ts';
import { type Accepted, type Claimed, parseAccepted, parseClaimed } from '../run/stored.ts';
import { tellOfRefusal } from './keep-audit.ts';
import { linkGeneration } from './link-store.ts';
import type { Log } from './log.ts';
import { readPlan, readRun } from './run-store.ts';
import { viewOf } from './view-run.ts';

/** What is needed to take a request over HTTP, and to tell of a run. */
export interface HttpWorld {
  readonly catalogue: Catalogue;
  readonly store: Store;
  readonly bus: Bus;
  readonly linkKey: LinkKey;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** An answer over HTTP; `error` is a sentence, with the way out. */
export type HttpAnswer =
  | { readonly status: 202; readonly body: AcceptedRun }
  | { readonly status: 200; readonly body: ToldRun }
  | { readonly status: 400 | 403 | 404 | 409 | 410; readonly body: { readonly error: string } };

/** What a request leads to. */
export interface AcceptedRun {
  readonly id: RunId;
  readonly environment: string;
  readonly state: 'accepted';
  /** Where to ask how it goes. */
  readonly address: string;
  /** Where the report will be, if the run comes to one. */
  readonly report: string;
}

/** How a run stands. */
export interface ToldRun {
  readonly id: RunId;
  readonly environment: string;
  readonly state: 'accepted' | 'waiting' | 'starting' | 'preparing' | 'running' | 'finishing' | 'finished';
  /** One sentence, as Slack's notification has it. */
  readonly summary: string;
  readonly address: string;
  /** Once something is known of the scenarios: `unknown` are the ones to come. */
  readonly counts?: Counts;
  /** At the end. */
  readonly outcome?: OutcomeKind;
  /** At the end: the first twenty. */
  readonly failures?: readonly ToldFailure[];
  /** At the end, when it is not the scenarios that say it: why, and what to do. */
  readonly because?: string;
  /** At the end, if there is one. */
  readonly report?: string;
}

type ToldFailure = Pick<Failure, 'status' | 'feature' | 'scenario' | 'uri' | 'line' | 'step' | 'error'>;

const mostFailures = 20;

/**
 * Takes a request over HTTP: the same idempotency key of the same caller is the same run, however often it comes.
 *
 * What it leads to is claimed before it is handed over, so that a repetition after any death finds the same run.
 *
 * @throws when it could not be handed over: the caller is to ask again, with the same key
 */
export async function askOverHttp(text: string, { asker, environments }: CiCaller, world: HttpWorld): Promise<HttpAnswer> {
  const asked = parseCiRequest(text, world.catalogue);
  if (asked.kind === 'refused') return refused(400, asked.because);
  const { command, idempotencyKey } = asked;
  const { environment } = command;
  if (!environments.includes(environment)) return refused(403, mayNot(environment, environments));

  const hash = keyHash(JSON.stringify([asker, idempotencyKey]));
  const key = `http:${hash}`;
  const wanted = newClaim(keyHash(JSON.stringify(command)), runIdFor(environment, key, world.nowMs()), world.nowMs());
  const claim = await claimOnce(httpKeys.request(hash), wanted, world);
  if (claim.command !== wanted.command) {
    return refused(409, `this idempotency key has asked for something else, which became ${claim.runId}: use another key for another run`);
  }
  const { runId, askedAt } = claim;
  const isOn = (await readRun(world.store, { environment, runId })) !== undefined;
  if (!isOn && world.nowMs() - Date.parse(askedAt) > maxAgeMs) {
    return refused(410, `${runId} was asked for at ${askedAt} and never started: too old to start now; ask with a new idempotency key`);
  }
  const accepted: Accepted = { version: 1, askedAt };
  await world.store.create(httpKeys.accepted(runId), accepted);
  if (!isOn) {
    const detail: RunRequest = { version: 1, key, askedAt, asker, command, text: asked.text };
    await world.bus.put({ detailType: 'Run Requested', detail });
    world.log('info', 'run requested', { runId, environment, by: asker });
  }
  const body = { id: runId, environment, state: 'accepted', ...(await addressesOf(runId, world)) } as const;
  return { status: 202, body };
}

/** Hands over what was refused, for the audit log. The caller has their answer, whatever becomes of it. */
export async function tellOfRefusedCi(text: string, { asker }: CiCaller, { status, body }: HttpAnswer, world: HttpWorld): Promise<void> {
  const at = new Date(world.nowMs()).toISOString();
  const environment = environmentAskedFor(text);
  const because = 'error' in body ? escapeText(cut(body.error, 1_000)) : `HTTP ${status}`;
  const entry: AuditEntry = {
    ...{ version: 1, at, by: asker, deed: 'run', text: cut(oneLine(text), maxCharacters), came: { kind: 'refused', because } },
    ...(environment !== undefined && { environment }),
  };
  // Asked again a second later, it is refused again.
  await tellOfRefusal(entry, `http:${keyHash(JSON.stringify([asker, text, at.slice(0, 19)]))}`, world);
}

/** What the request calls its environment, if it does and may be one. */
function environmentAskedFor(text: string): string | undefined {
  try {
    const parsed = v.safeParse(v.object({ environment: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,27}$/)) }), JSON.parse(text));
    return parsed.success ? parsed.output.environment : undefined;
  } catch {
    // Not JSON is why it was refused.
    return undefined;
  }
}

/** How a run stands, for whoever may run in its environment. */
export async function tellOverHttp(id: string, { environments }: CiCaller, world: HttpWorld): Promise<HttpAnswer> {
  const runId = parseRunId(id);
  if (runId === undefined) return refused(404, `${JSON.stringify(id.slice(0, 80))} is not the id of a run`);
  const environment = environmentOf(runId);
  if (!environments.includes(environment)) return refused(403, mayNot(environment, environments));
  const ref = { environment, runId };
  const [run, plan] = await Promise.all([readRun(world.store, ref), readPlan(world.store, ref)]);
  if (run === undefined || plan === undefined) return await tellAccepted(runId, world);
  return { status: 200, body: told(await viewOf(plan, run, world), addressOf(runId, world)) };
}

/** Before the worker has taken it, a run is a promise of the door's; one that was not kept in time will not be. */
async function tellAccepted(runId: RunId, world: HttpWorld): Promise<HttpAnswer> {
  const accepted = await world.store.get(httpKeys.accepted(runId), parseAccepted);
  if (accepted === undefined) return refused(404, `there is no run ${runId}: it is wrong, or older than 90 days`);
  // A request that waited for its time is taken up to its last minute, and takes a moment then.
  if (world.nowMs() - Date.parse(accepted.value.askedAt) > 2 * maxAgeMs)
    return refused(410, `${runId} was accepted and never started: look into the queue's DLQ and the worker's log, and ask with a new key`);
  const environment = environmentOf(runId);
  const address = addressOf(runId, world);
  return { status: 200, body: { id: runId, environment, state: 'accepted', summary: `${environment} accepted`, address } };
}

function told(view: RunView, address: string): ToldRun {
  const { id, environment } = view.run;
  const base = { id, environment, summary: runMessage(view).text, address };
  if (!hasEnded(view)) {
    const { progress, place } = view;
    const waiting = view.run.phase.kind === 'queued' ? (place?.kind === 'active' ? 'starting' : 'waiting') : 'starting';
    return { ...base, state: progress?.step ?? waiting, ...(progress !== undefined && { counts: progress.counts }) };
  }
  const { outcome } = view.run.phase;
  const because = becauseOf(outcome);
  return {
    ...base,
    state: 'finished',
    outcome: outcome.kind,
    ...('counts' in outcome && { counts: outcome.counts }),
    ...('failures' in outcome && { failures: outcome.failures.slice(0, mostFailures).map(toldFailure) }),
    ...(because !== undefined && { because }),
    ...(view.reportUrl !== undefined && { report: view.reportUrl }),
  };
}

const toldFailure = ({ status, feature, scenario, uri, line, step, error }: Failure): ToldFailure => ({
  ...{ status, feature, scenario, uri, line, step, error },
});

function becauseOf(outcome: Outcome): string | undefined {
  const parts = [...lostSentences(outcome), reasonOf(outcome)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('\n');
}

function reasonOf(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'broken':
      return [outcome.error, outcome.next].filter((part) => part !== undefined).join('\n');
    case 'unfinished':
    case 'not-started':
      return `${outcome.stop.what} ${outcome.stop.next}`;
    case 'empty':
      return 'No scenario passed or failed: nothing was checked.';
    case 'passed':
    case 'failed':
    case 'timed-out':
    case 'cancelled':
      return undefined;
  }
}

const newClaim = (command: string, runId: RunId, nowMs: number): Claimed => ({
  ...{ version: 1, command, runId, askedAt: new Date(nowMs).toISOString() },
});

const runIdFor = (environment: string, key: string, nowMs: number): RunId =>
  runIdOf({ environment, key, askedAt: new Date(nowMs).toISOString() });

/** The claim that stands: ours, or that of whoever was first with this key. */
async function claimOnce(key: string, wanted: Claimed, { store }: HttpWorld): Promise<Claimed> {
  const known = await store.get(key, parseClaimed);
  if (known !== undefined) return known.value;
  if (await store.create(key, wanted)) return wanted;
  const standing = await store.get(key, parseClaimed);
  if (standing === undefined) throw new Error(`${key} was there, and is not`);
  return standing.value;
}

const addressOf = (runId: RunId, { linkKey }: HttpWorld): string => `${linkKey.publicUrl}/runs/${runId}`;

async function addressesOf(runId: RunId, world: HttpWorld) {
  const environment = environmentOf(runId);
  const generation = await linkGeneration(environment, world.store);
  const report = linkTo({ environment, runId, file: 'report.html', generation }, world.linkKey);
  return { address: addressOf(runId, world), report };
}

const mayNot = (environment: string, environments: readonly string[]): string =>
  environments.length === 0
    ? `nothing in coldframe.yml (\`ci\`) allows this caller to run anywhere; its \`${environment}\` neither`
    : `coldframe.yml (\`ci\`) does not allow this caller to run on ${environment}, only on ${environments.join(', ')}`;

const refused = (status: 400 | 403 | 404 | 409 | 410, error: string): HttpAnswer => ({ status, body: { error } });
