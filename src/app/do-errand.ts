import { refusedMessage, revokedMessage } from '../message/answers.ts';
import { auditMessage } from '../message/audit.ts';
import { historyMessage } from '../message/history.ts';
import type { Message } from '../message/message.ts';
import { onMessage, type RunOn } from '../message/on-now.ts';
import { schedulesMessage } from '../message/schedules.ts';
import { code } from '../message/text.ts';
import type { AuditCame, AuditEntry } from '../run/audit.ts';
import type { Errand, ErrandRequest } from '../run/errand.ts';
import type { RunWish } from '../run/request.ts';
import { endOnRequest } from './cancel-run.ts';
import { changeSettings, showSettings } from './change-settings.ts';
import { explainRun } from './explain-run.ts';
import { openHome } from './homes.ts';
import { keepAudit, keyOfWish, ofWish } from './keep-audit.ts';
import { revokeLinks } from './link-store.ts';
import { changeSchedule, makeSchedule } from './make-schedule.ts';
import { lookRefusalFor, refusalFor } from './membership.ts';
import { muteFailure } from './mute-failure.ts';
import { notEnded } from './on-now.ts';
import { auditDays, lastEntries } from './read-audit.ts';
import { readSchedules, scheduleView } from './schedule-store.ts';
import { standingView } from './standing-view.ts';
import type { ErrandWorld, World } from './world.ts';
import { writeHistory } from './write-history.ts';

/**
 * Does an errand and tells whoever asked. Harmless any number of times.
 *
 * @throws when AWS or Slack let us down and it should be delivered again
 */
export async function doErrand(request: ErrandRequest, world: ErrandWorld): Promise<void> {
  const answer = await done(request, world);
  const { responseUrl, errand } = request;
  if (answer === undefined) return;
  // It was a button of the person's Home: what has come of it stands there.
  if (responseUrl === undefined) return await openHome(request.userId, answer.text, world);
  const replacesOriginal = errand.kind === 'change-schedule';
  if (!(await world.say.answer(responseUrl, answer, { replacesOriginal }))) world.log('warn', 'answer lost', { errand: errand.kind });
}

async function done(request: ErrandRequest, world: ErrandWorld): Promise<Message | undefined> {
  const { errand, userId, channel = '', key, askedAt } = request;
  const keep = (came: AuditCame) => keepAudit(ofErrand(request, came), key, world);
  switch (errand.kind) {
    case 'history': {
      const environments = await lookable(errand.environments, request, world);
      if (typeof environments === 'string') return refusedMessage(environments);
      return historyMessage(await Promise.all(environments.map((name) => standingView(name, world))));
    }
    case 'schedules': {
      const environments = await lookable(errand.environments, request, world);
      return typeof environments === 'string' ? refusedMessage(environments) : await listed(environments, world);
    }
    case 'audit': {
      const environments = await lookable(errand.environments, request, world);
      if (typeof environments === 'string') return refusedMessage(environments);
      const isMeant = ({ environment, by }: AuditEntry) =>
        // What names no environment, like a typo, is shown to its author alone.
        environment === undefined ? by.kind === 'slack' && by.userId === userId : environments.includes(environment);
      return auditMessage(environments, await lastEntries(isMeant, world), auditDays);
    }
    case 'on':
      return onMessage(await cancellable(errand.environments, request, world));
    case 'cancel': {
      const wish = wishOf(errand, request);
      const came = await endOnRequest(wish, world);
      await keepAudit(ofWish('cancel', wish, came), keyOfWish(wish), world);
      return refusedMessage(
        came.kind === 'refused' ? came.because : `${code(errand.runId)} is being cancelled; what has run until now is reported.`,
      );
    }
    case 'revoke-links': {
      const environment = world.catalogue.get(errand.environment);
      const because = environment && (await refusalFor(environment, userId, channel, world));
      await keep(because === undefined ? { kind: 'done' } : { kind: 'refused', because });
      if (because !== undefined) return refusedMessage(because);
      await revokeLinks(errand.environment, { key, at: askedAt }, world.store);
      world.log('warn', 'links revoked', { environment: errand.environment, by: userId });
      // Its own links are new, and those of reports that were revoked are gone from it.
      await writeHistory(errand.environment, world);
      return revokedMessage(errand.environment, (await standingView(errand.environment, world)).historyUrl);
    }
    case 'schedule': {
      const came = await makeSchedule(errand, request, world);
      await keep(came.kind === 'refused' ? came : { kind: 'done' });
      return came.kind === 'refused' ? refusedMessage(came.because) : came.message;
    }
    case 'change-schedule': {
      const because = await changeSchedule(errand, request, world);
      await keep(because === undefined ? { kind: 'done' } : { kind: 'refused', because });
      return because === undefined ? await listed([errand.environment], world) : refusedMessage(because);
    }
    case 'why': {
      const environments = await lookable([errand.environment], request, world);
      return typeof environments === 'string' ? refusedMessage(environments) : await explainRun(errand, world);
    }
    case 'mute':
    case 'unmute': {
      const because = await muteFailure(errand, request, world);
      await keep(because === undefined ? { kind: 'done' } : { kind: 'refused', because });
      return because === undefined ? undefined : refusedMessage(because);
    }
    case 'show-settings':
      await showSettings(errand, request, world);
      return undefined;
    case 'change-settings':
    case 'reset-settings': {
      const { came, text } = await changeSettings(errand, request, world);
      await keepAudit({ ...ofErrand(request, came), text }, key, world);
      return undefined;
    }
    case 'home':
      await openHome(userId, errand.notice, world);
      return undefined;
  }
}

const ofErrand = ({ askedAt, userId, channel, errand }: ErrandRequest, came: AuditCame): AuditEntry => ({
  version: 1,
  at: askedAt,
  by: { kind: 'slack', userId },
  ...(channel !== undefined && { channel }),
  ...('environment' in errand && { environment: errand.environment }),
  deed: errand.kind,
  text: JSON.stringify(errand),
  came,
});

const wishOf = (
  { environment, runId }: Extract<Errand, { kind: 'cancel' }>,
  { userId, askedAt, channel, responseUrl }: ErrandRequest,
): RunWish => ({
  ...{ version: 1, environment, runId, askedAt, asker: { kind: 'slack', userId } },
  ...(channel !== undefined && { channel }),
  ...(responseUrl !== undefined && { responseUrl }),
});

/** An answer has room for no more of one environment. */
const mostCancellable = 20;

/** What has not ended where the person may end it. */
async function cancellable(names: readonly string[], { userId, channel = '' }: ErrandRequest, world: World): Promise<readonly RunOn[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const environment = world.catalogue.get(name);
      const isOpen = environment !== undefined && (await refusalFor(environment, userId, channel, world)) === undefined;
      return isOpen ? await notEnded(name, mostCancellable, world) : [];
    }),
  );
  return all.flat();
}

/** Those of the environments that the person may look at, or why there is none. */
async function lookable(
  names: readonly string[],
  { userId, channel = '' }: ErrandRequest,
  world: World,
): Promise<readonly string[] | string> {
  const may: string[] = [];
  let because = 'There is no such environment any more.';
  for (const name of names) {
    const environment = world.catalogue.get(name);
    const refusal = environment === undefined ? because : await lookRefusalFor(environment, userId, channel, world);
    if (refusal === undefined) may.push(name);
    else because = refusal;
  }
  return may.length === 0 ? because : may;
}

async function listed(environments: readonly string[], { store, nowMs }: World): Promise<Message> {
  const all = await Promise.all(environments.map((name) => readSchedules(name, store)));
  return schedulesMessage(
    environments,
    all.flat().map((schedule) => scheduleView(schedule, nowMs(), 1)),
  );
}
