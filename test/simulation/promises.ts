import { nothingHeard } from '../../src/hearing/hearing.ts';
import type { EcsTask } from '../../src/local/ecs/ecs-task.ts';
import { outcomeWord } from '../../src/message/words.ts';
import { retryOf } from '../../src/run/attempt.ts';
import { environmentKeys, runKeys, shardKeys } from '../../src/run/keys.ts';
import type { RunRequest } from '../../src/run/request.ts';
import type { Run } from '../../src/run/run.ts';
import { adoptedRunId, keyHash } from '../../src/run/run-id.ts';
import type { Said } from '../../src/run/said.ts';
import { parseHearing, parseLedger, parseRun } from '../../src/run/stored.ts';
import { scenariosOf } from './memory-container.ts';
import type { MemoryEcs } from './memory-ecs.ts';
import type { MemoryS3 } from './memory-s3.ts';
import type { KeptMessage, MemorySlack } from './memory-slack.ts';
import type { Region } from './region.ts';

/** What was seen while it happened. */
export interface Witness {
  /** Every request that was handed over, and what each delivery of it came to. */
  readonly requests: { readonly request: RunRequest; readonly came: string[] }[];
  /** `<run> <shard>`: has written a finished, complete, successful result in which something passed. */
  readonly succeeded: Set<string>;
  /** Runs whose message somebody deleted. */
  readonly deleted: Set<string>;
  /** Pairs of keys of requests that a person meant as one. */
  readonly twice: (readonly [string, string])[];
  /** Promises that were broken while it happened. */
  readonly seen: string[];
  /** Who has said yes to a run. */
  readonly approved: Map<string, Set<string>>;
  /** Response URLs that were used. */
  readonly answered: Set<string>;
}

interface World {
  readonly witness: Witness;
  readonly s3: MemoryS3;
  readonly ecs: MemoryEcs;
  readonly slack: MemorySlack;
  readonly region: Region;
  readonly logged: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly environments: readonly string[];
  readonly isOn: (task: EcsTask) => boolean;
}

/** What passes is tried again, within this budget. */
const mostAttempts = 3;

/** What of the promises (docs/decisions.md) does not hold, each in words with its number. */
export function brokenPromises(world: World): readonly string[] {
  const { witness, s3, ecs, slack, region, logged, secrets, environments, isOn } = world;
  const broken: string[] = [...witness.seen];
  const expect = (holds: boolean, promise: number, what: string) => {
    if (!holds) broken.push(`promise ${promise}: ${what}`);
  };
  const json = (key: string): unknown => {
    const kept = s3.objects.get(key);
    return kept && JSON.parse(Buffer.from(kept.bytes).toString());
  };
  const shardsOf = ({ id, environment }: Run): readonly number[] => {
    const { plan, adopted } = runKeys(environment, id);
    const { tasks } = (json(plan) ?? json(adopted)) as { readonly tasks: readonly unknown[] };
    return Array.from({ length: Math.max(1, tasks.length) }, (_, index) => index + 1);
  };
  const runs = new Map<string, Run>();
  for (const key of s3.objects.keys())
    if (/^state\/[^/]+\/runs\/[^/]+\/run\.json$/.test(key)) runs.set(key.split('/')[3] ?? '', parseRun(json(key)));

  /** The queue may give up a request whose run the sweeper sees through. */
  const cameToARun = ({ command: { environment }, key }: RunRequest): readonly string[] => {
    const claimed = json(environmentKeys(environment).request(keyHash(key))) as { readonly runId?: string } | undefined;
    return claimed?.runId !== undefined && runs.has(claimed.runId) ? [claimed.runId] : [];
  };
  const hasBegun = (id: string): boolean => ecs.tasks().some(({ startedBy }) => startedBy === id);
  const isUntold = (id: string): boolean =>
    runs.get(id)?.phase.kind === 'finished' && !hasBegun(id) && messagesAbout(slack, id, 'coldframe_run').length === 0;
  // 1. A request leads to one run, or to one refusal; the same request to the same.
  for (const { request, came } of witness.requests) {
    const all = came.length === 0 ? cameToARun(request) : came;
    // One that ended before it began, as its channel was lost meanwhile, is told to whoever asked: a second request that joins is theirs too
    // (seeds 10056508, 11060922).
    const led = new Set(all.includes('refused') ? all.filter((id) => !isUntold(id)) : all);
    expect(led.size === 1, 1, `${request.key} led to ${led.size === 0 ? 'nothing' : [...led].join(' and ')}`);
    for (const id of led) {
      expect(id === 'refused' || runs.has(id), 1, `${request.key} led to ${id}, which is not there`);
      if (id === 'refused') expect(witness.answered.has(request.responseUrl ?? ''), 1, `${request.key} was refused, and nobody was told`);
    }
  }
  const cameOf = (key: string) => witness.requests.find(({ request }) => request.key === key)?.came[0];
  for (const [key, again] of witness.twice) {
    const led = [cameOf(key), cameOf(again)];
    const text = witness.requests.find(({ request }) => request.key === key)?.request.text;
    // Said a third time while the second was lost, it is another run: the window is ten seconds.
    const isThirdTime = witness.requests.filter(({ request }) => request.text === text).length > 2;
    expect(led[0] === led[1] || led.includes('refused') || isThirdTime, 1, `the same words, said twice, led to ${led.join(' and ')}`);
  }
  const seenThrough = new Set(
    witness.requests.filter(({ request }) => cameToARun(request).length > 0).map(({ request }) => `request ${request.key}`),
  );
  expect(region.mistakes.size === 0, 1, `a mistake of ours: ${[...region.mistakes].join('; ')}`);
  const lost = region.lost.filter((what) => !seenThrough.has(what));
  expect(lost.length === 0, 1, `given up by the queue: ${lost.join(', ')}`);

  const digests = slack
    .messages()
    .filter(({ metadata }) => metadata?.event_type === 'coldframe_digest')
    .map((message) => JSON.stringify(message));
  for (const run of runs.values()) {
    const { id, environment, phase } = run;
    const word = phase.kind === 'finished' ? outcomeWord(phase.outcome).word : '';
    const all = messagesAbout(slack, id, 'coldframe_run');
    const isWithin = ({ channel }: { readonly channel: string }) => slack.stateOf(channel) === 'member';
    const parents = all.filter(isWithin);
    const replies = messagesAbout(slack, id, 'coldframe_end');
    // 2. Every run reaches an end.
    if (phase.kind !== 'finished') {
      expect(false, 2, `${id} is ${phase.kind}`);
      continue;
    }
    const { outcome } = phase;
    expect(s3.objects.has(runKeys(environment, id).history), 2, `${id} is in no history`);
    // 3. One message, with the end in it; at most one reply.
    const wasDeleted = witness.deleted.has(id);
    const said = json(runKeys(environment, id).said) as Said | undefined;
    const isNowhere = said?.parent.kind === 'given-up';
    const isSilent = said?.heard?.place.kind === 'nowhere';
    if (isSilent) expect(all.length === 0, 3, `${id} is to be said nowhere for now, and has ${all.length} messages`);
    // What is neither green nor muted is said somewhere; here nothing is muted.
    if (isSilent && outcome.kind !== 'passed')
      expect(
        digests.some((text) => text.includes(id)),
        3,
        `${id} is ${word}, and no digest says so`,
      );
    if (outcome.kind === 'passed') expect(![...all, ...replies].some(isPing), 3, `${id} has passed, and somebody is pinged for it`);
    // What stands in a channel that we have lost, nobody of us can change: it shows the end, or Slack has told us that it did.
    const isLost = parents.length === 0 && all.some(({ text }) => text.includes(word) || said?.confirmed?.revision === run.revision);
    if (!(wasDeleted && parents.length === 0) && !isNowhere && !isLost && !isSilent) {
      expect(parents.length === 1, 3, `${id} has ${parents.length} messages`);
      for (const { text } of parents) expect(text.includes(`${environment} ${word}`), 3, `${id} is ${word}, and its message says: ${text}`);
    }
    // Where we may not look any more, one whose answer was lost may stand: it is said again, as twice is better than never (seed 1058376).
    const mayStand = said?.isUncertain === true ? replies.filter(isWithin) : replies;
    expect(mayStand.length <= 1, 3, `${id} has ${replies.length} replies`);
    // What passes by itself is left to people only when it was tried as often as it may be.
    if (outcome.kind === 'not-started' && outcome.stop.retried !== undefined) {
      const isGivenUp = phase.retries?.some(({ next }) => next?.kind === 'none') ?? false;
      expect(isGivenUp, 2, `${id} has not started, for a reason that passes, and was to be tried again`);
    }
    // 4. Nothing is called passed that was not.
    if (outcome.kind === 'passed') {
      const missing = shardsOf(run).filter((shard) => !witness.succeeded.has(`${id} ${shard}`));
      expect(missing.length === 0, 4, `${id} is called passed, though shard ${missing} did not end well`);
      const most = scenariosOf(shardsOf(run).length);
      expect(outcome.counts.passed === most, 4, `${id} has ${most} scenarios, and ${outcome.counts.passed} are said to have passed`);
    }
  }

  // What ECS has run has a run, whoever started it; and what ended well is called so.
  for (const task of ecs.tasks()) {
    const environment = task.family.slice(task.family.lastIndexOf('-') + 1);
    const id = task.startedBy === 'hand' ? adoptedRunId(environment, task.arn) : (task.startedBy ?? '');
    expect(runs.has(id), 2, `no run has the task ${task.arn}`);
    const run = runs.get(id);
    if (run?.phase.kind !== 'finished' || run.cancel !== undefined || run.phase.outcome.kind === 'passed') continue;
    const isWell = shardsOf(run).every((shard) => witness.succeeded.has(`${id} ${shard}`));
    expect(!isWell, 4, `${id} is called ${run.phase.outcome.kind}, though all of it ended well`);
  }

  // 5. No more tasks than may be, none after its run.
  for (const task of ecs.tasks().filter(isOn)) expect(false, 5, `the task ${task.arn} of ${task.startedBy} is on`);
  const tokens = ecs.tasks().flatMap(({ clientToken }) => clientToken ?? []);
  expect(new Set(tokens).size === tokens.length, 5, 'a shard was started twice');

  for (const token of tokens) expect(Number(/-a(\d+)$/.exec(token)?.[1] ?? 1) <= mostAttempts, 5, `${token} is one attempt too many`);

  // 6. Nobody waits for ever. Whether a cancel took effect in time is seen while it happens.
  for (const environment of environments) {
    const kept = json(environmentKeys(environment).ledger);
    if (kept === undefined) continue;
    const { active, queue, asked = [], settling } = parseLedger(kept);
    const left = [...active, ...queue, ...asked, ...settling].map(({ runId }) => runId);
    expect(left.length === 0, 6, `the ledger of ${environment} still has ${left.join(', ')}`);
    const { held } = parseHearing(json(environmentKeys(environment).hearing) ?? nothingHeard);
    expect(held.length === 0, 3, `of ${environment} is still held back: ${held.map(({ runId }) => runId).join(', ')}`);
  }

  // 6. What AWS takes back from Spot in the middle is seen as lost, and runs again while there is time for it.
  for (const { capacityProvider, stopCode, startedAt, startedBy = '', clientToken = '' } of ecs.tasks()) {
    const run = runs.get(startedBy);
    const wasTaken = capacityProvider === 'FARGATE_SPOT' && stopCode === 'SpotInterruption' && startedAt !== undefined;
    if (!wasTaken || run?.phase.kind !== 'finished' || run.cancel !== undefined) continue;
    const shard = Number(/-s(\d+)$/.exec(clientToken)?.[1]);
    const { how = 'stopped' } = (json(shardKeys(run.environment, run.id, shard).result) ?? {}) as { readonly how?: string };
    const retry = retryOf(run.phase, shard);
    const isSeen = retry?.lost[0]?.begun !== undefined;
    expect(isSeen || how !== 'stopped', 6, `AWS took shard ${shard} of ${run.id} back in the middle, and it was not lost`);
    const hasSecond = tokens.some((token) => token.startsWith(`${clientToken}-a`));
    expect(!isSeen || retry?.next?.kind === 'none' || hasSecond, 6, `shard ${shard} of ${run.id} was to run again on demand`);
  }

  // 8. What others have to approve starts after they have, and never by the word of the one who asked.
  for (const { approval, id } of runs.values()) {
    if (approval === undefined || !ecs.tasks().some(({ startedBy }) => startedBy === id)) continue;
    const others = [...(witness.approved.get(id) ?? [])].filter((userId) => userId !== approval.asker);
    expect(others.length >= approval.needed, 8, `${id} has a task, and was approved by ${others.join(' and ') || 'nobody'}`);
  }

  // 7. Nothing secret is anywhere.
  const written = [...logged, ...[...s3.objects.values()].map(({ bytes }) => Buffer.from(bytes).toString('latin1'))];
  const spoken = slack.messages().map((message) => JSON.stringify(message));
  for (const secret of Object.values(secrets)) {
    expect(!spoken.some((text) => text.includes(secret)), 7, 'a message tells a secret');
    expect(!written.some((text) => text.includes(secret)), 7, 'an object or a log line tells a secret');
  }
  return broken;
}

/** Whom coldframe.yml of the simulation names. */
const isPing = (message: KeptMessage): boolean => JSON.stringify(message).includes('<!subteam^S0QA>');

const messagesAbout = (slack: MemorySlack, runId: string, event: string): readonly KeptMessage[] =>
  slack.messages().filter(({ metadata }) => metadata?.event_type === event && metadata.event_payload.run_id === runId);
