import type { Mutant } from './replaced.ts';

/** Safeguards, each taken away: the simulation must notice, or it looks away. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'no second try after a 409': {
    file: 'src/aws/store.ts',
    words: 'if (status === 409 && attempt < maxConflicts) {',
    instead: 'if (status === 409) return false; if (attempt < 0) {',
  },
  'no compare-and-swap': {
    file: 'src/aws/store.ts',
    words: 'now === undefined ? await create(key, next) : await putIf({ IfMatch: now.etag }, key, next);',
    instead: "(await put(key, JSON.stringify(next), 'application/json'), true);",
  },
  'no look after the update whether the run has moved on': {
    file: 'src/app/publish.ts',
    words: 'if (now?.revision === run.revision) return hasEnded(view) ? await tellEnd(view, occasion, world) : told;',
    instead: 'if (now !== undefined) return hasEnded(view) ? await tellEnd(view, occasion, world) : told;',
  },
  'no owner token: every holder of a lease has the same name': {
    file: 'src/app/say-once.ts',
    words: 'const owner = world.newOwner();',
    instead: "const owner = 'us';",
  },
  'no lease for a post': {
    file: 'src/run/said.ts',
    words: "return saying.kind === 'unsaid' || (saying.kind === 'saying' && Date.parse(saying.expiresAt) <= nowMs);",
    instead: "return saying.kind === 'unsaid' || (saying.kind === 'saying' && nowMs > 0);",
  },
  'no look on Slack before a post is made again': {
    file: 'src/app/say-once.ts',
    words: 'if (found !== undefined) return await settleSaid(what, owner, found, false, world);',
    instead: '',
  },
  'no twin is taken away': {
    file: 'src/app/say-once.ts',
    words: "if (!said.isUncertain || said.parent.kind !== 'said') return;",
    instead: "if (said.parent.kind !== 'dead') return;",
  },
  'no time to settle': {
    file: 'src/run/deadline.ts',
    words: 'export const settleMs = 3 * 60_000;',
    instead: 'export const settleMs = 0;',
  },
  'no sweeper that ends what is overdue': {
    file: 'src/app/sweep.ts',
    words: 'if (await endOverdue(ref, world)) overdue += 1;',
    instead: 'if (overdue < 0) await endOverdue(ref, world);',
  },
  'no sweeper that looks at tasks': {
    file: 'src/app/sweep.ts',
    words: 'if (await sweepTask(readTask(task), ended, world)) rescued += 1;',
    instead: 'if (rescued < 0) await sweepTask(readTask(task), ended, world);',
  },
  'no join of the same words': {
    file: 'src/run/request.ts',
    words: 'export const joinWindowMs = 10_000;',
    instead: 'export const joinWindowMs = -1;',
  },
  'no limit of tasks at once': {
    file: 'src/run/ledger.ts',
    words: 'if (used > 0 && used + head.tasks > tasksAtOnce) return ledger;',
    instead: 'if (used > 99) return ledger;',
  },
  'who asks may approve': {
    file: 'src/run/approval.ts',
    words: "if (userId === approval.asker) return 'asker';",
    instead: '',
  },
  'one person may approve for two': {
    file: 'src/run/approval.ts',
    words: "if (approval.by.some((one) => one.userId === userId)) return 'twice';",
    instead: '',
  },
  'nobody waits for an approval': {
    file: 'src/run/approval.ts',
    words: 'approval !== undefined && approval.by.length < approval.needed;',
    instead: 'approval !== undefined && approval.by.length < 0;',
  },
  'nobody ends what is not approved': {
    file: 'src/run/approval.ts',
    words: 'nowMs >= Date.parse(approval.until);',
    instead: 'nowMs < 0;',
  },
  'no shard is missed': {
    file: 'src/outcome/shards.ts',
    words: 'if (lost.length > 0) return',
    instead: 'if (lost.length === ends.length) return',
  },
  'no look for a cancel that came while a run was being started': {
    file: 'src/app/launch.ts',
    words: "const isUnwanted = started.phase.kind === 'finished' || started.cancel !== undefined;",
    instead: "const isUnwanted = started.phase.kind === 'finished';",
  },
  'no end in another channel when one is lost': {
    file: 'src/app/publish.ts',
    words: 'isThis(now) && !now.wasDeleted && !stands(now) ?',
    instead: 'isThis(now) && isDeleted && !now.wasDeleted ?',
  },
  'no budget for trying again': {
    file: 'src/run/attempt.ts',
    words: 'if (stop.retried === undefined || lost >= mostAttempts) return over;',
    instead: 'if (stop.retried === undefined) return over;',
  },
  'no attempt in the token of its task': {
    file: 'src/run/plan.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
    words: 'clientToken: `${runTask.clientToken}-a${attempt}`,',
    instead: 'clientToken: runTask.clientToken,',
  },
  'no thought of a past attempt when its end is heard of': {
    file: 'src/run/attempt.ts',
    words: "if (lost.some((one) => isSameTask(task, one))) return 'past';",
    instead: "if (lost.some((one) => isSameTask(task, one))) return 'current';",
  },
  'no second telling when a run is settled': {
    file: 'src/app/sweep.ts',
    words: "const published = await publish(ref, 'settle', world);",
    instead: "const published = await publish(ref, 'changed', world);",
  },
  'no time for a twin to come': {
    file: 'src/run/deadline.ts',
    words: 'export const twinMs = 15 * 60_000;',
    instead: 'export const twinMs = 0;',
  },
  'no sweeper that goes on with who waits': {
    file: 'src/app/sweep.ts',
    words: "await advance(environment, world, { kind: 'sweep', tasksSeenAtMs });",
    instead: '',
  },
  'no look for a task before a refusal is followed': {
    file: 'src/app/try-again.ts',
    words: '(wasRefused && !hasSeenTasks)',
    instead: '(wasRefused && nowMs < 0)',
    storm: 'ecs-throttled',
  },
  'no look for a task before a run is told as not started for want of one': {
    file: 'src/run/attempt.ts',
    words: "const over: AfterLoss = { kind: mayBeThere ? 'doubtful' : 'none' };",
    instead: "const over: AfterLoss = { kind: mayBeThere && lost < 0 ? 'doubtful' : 'none' };",
    storm: 'ecs-throttled',
  },
  'no folder of its own for a second container': {
    file: 'src/run/keys.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
    words: "take === 1 ? '' : `/take-${take}`;",
    instead: "take === 1 ? '' : '';",
  },
  'no second container where AWS has taken one back': {
    file: 'src/app/finish-run.ts',
    words: "return result === undefined || result.how === 'stopped';",
    instead: "return result === undefined && result === 'stopped';",
  },
  'no look for what a container had done when AWS took it back': {
    file: 'src/app/finish-run.ts',
    words: "return result === undefined || result.how === 'stopped';",
    instead: 'return true;',
  },
  'no sweeper that stops what nobody wants': {
    file: 'src/app/sweep.ts',
    words: 'if (!task.isStopped && isUnwanted)',
    instead: 'if (!task.isStopped && task.isStopped)',
    storm: 'ecs-throttled',
  },
  'no patience with a task that ECS does not know yet': {
    file: 'src/app/sweep.ts',
    words: 'const isNew = (task: ShardTask) => nowMs < Date.parse(task.at ?? at) + stopAllowanceMs;',
    instead: 'const isNew = (task: ShardTask) => Date.parse(task.at ?? at) < 0;',
  },
  'no adoption': {
    file: 'src/app/task-owner.ts',
    words: 'const ref = await adoptTask({ ...task, environment }, world);',
    instead: 'const ref = undefined as Awaited<ReturnType<typeof adoptTask>>;',
  },
  'no seat before an adopted run is there': {
    file: 'src/app/adopt-task.ts',
    words: 'await changeLedger(world.store, ref.environment, (ledger) => seat(ledger, { runId: ref.runId, tasks: 1 }));',
    instead: '',
  },
  'no end to what may happen to a run': {
    file: 'src/run/run.ts',
    words: "if (phase.kind === 'finished') return run;\n  const next",
    instead: 'const next',
  },
  'no refusal that stands': {
    file: 'src/app/request-claim.ts',
    words: 'if (await store.create(claimOf(request), to)) return to;',
    instead: 'if (store !== undefined) return to;',
  },
  'no seeing through of what coldframe.yml would refuse by now': {
    file: 'src/app/start-run.ts',
    words: 'const runId = runIdOf({ environment, key, askedAt });',
    instead: "const runId = runIdOf({ environment, key: 'another', askedAt });",
  },
  'no care for the first when somebody joins': {
    file: 'src/app/start-run.ts',
    words: 'const first = await startFirst(leads, world);',
    instead: 'const first = undefined as Awaited<ReturnType<typeof startFirst>>;',
  },
  'no fewer blocks when Slack refuses them': {
    file: 'src/slack/say.ts',
    words: "if (!blockErrors.includes(platformError(error) ?? '')) return failure(error);",
    instead: 'return failure(error);',
  },
  'no patience with a token that is revoked': {
    file: 'src/slack/say.ts',
    words: 'if (tokenErrors.includes(platform))',
    instead: "if (platform === '')",
    storm: 'token',
  },
  'no doubt about a refusal that we do not know': {
    file: 'src/run/said.ts',
    words: 'doubt !== undefined && doubt.times >= leastDoubts && nowMs >= Date.parse(doubt.since) + doubtMs;',
    instead: 'doubt !== undefined && nowMs > 0;',
  },
  'no confirmed revision: what is told once counts for all': {
    file: 'src/app/publish.ts',
    words: 'known.confirmed?.revision === run.revision)',
    instead: "known.confirmed !== undefined && run.phase.kind === 'finished')",
  },
};
