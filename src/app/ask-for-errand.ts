import { confirmRevokeMessage, refusedMessage } from '../message/answers.ts';
import { code, cut } from '../message/text.ts';
import type { Catalogue, Environment } from '../run/catalogue.ts';
import { type Errand, ofEnvironments, type TypedErrand } from '../run/errand.ts';
import { mayLook, mayRun } from '../run/permission.ts';
import type { Answer, Asked } from './asked.ts';
import { shownKey } from './mask.ts';
import type { DoorWorld } from './world.ts';

/** An answer names no more environments than these. */
const mostEnvironments = 20;

/**
 * Takes an errand at the door: checks what can be checked without a call to Slack, and hands it over.
 *
 * @throws when it could not be handed over
 */
export async function askForErrand(
  typed: Exclude<TypedErrand, { kind: 'settings' }> | Errand,
  asked: Omit<Asked, 'text'>,
  { catalogue, bus, log }: DoorWorld,
): Promise<Answer> {
  const errand = resolved(typed, asked, catalogue);
  const because = refusalOf(errand, asked, catalogue);
  if (because !== undefined) return { kind: 'answer', message: refusedMessage(because) };
  if (errand.kind === 'revoke-links' && !asked.isConfirmed) return { kind: 'answer', message: confirmRevokeMessage(errand.environment) };
  const { key, askedAt, userId, channelId: channel, responseUrl } = asked;
  await bus.put({
    detailType: 'Errand Requested',
    detail: {
      version: 1,
      key,
      askedAt,
      userId,
      ...(channel !== '' && { channel }),
      ...(responseUrl !== undefined && { responseUrl }),
      errand,
    },
  });
  log('info', 'errand requested', { key: shownKey(key), errand: errand.kind, by: userId });
  return { kind: 'accepted' };
}

/** With all environments that are meant: the one that is named, those that report in this channel, or all that the person may look at. */
function resolved(
  errand: Exclude<TypedErrand, { kind: 'settings' }> | Errand,
  { userId, channelId }: Omit<Asked, 'text'>,
  catalogue: Catalogue,
): Errand {
  if (!isOfEnvironments(errand)) return errand;
  const { kind, environment } = errand;
  if (environment !== undefined) return { kind, environments: [environment] };
  const all = [...catalogue.values()].filter((one) => ruleOf(kind)(one, userId, channelId).kind !== 'refused');
  // Who wants to cancel something looks for it everywhere.
  if (kind === 'on') return { kind, environments: all.slice(0, mostEnvironments).map(({ name }) => name) };
  const here = all.filter(({ channel }) => channel === channelId);
  return { kind, environments: (here.length > 0 ? here : all).slice(0, mostEnvironments).map(({ name }) => name) };
}

type OfEnvironments = Extract<TypedErrand, { kind: (typeof ofEnvironments)[number] }>;

const isOfEnvironments = (errand: Exclude<TypedErrand, { kind: 'settings' }> | Errand): errand is OfEnvironments =>
  ofEnvironments.some((kind) => kind === errand.kind) && !('environments' in errand);

const ruleOf = (kind: Errand['kind']) => (kind === 'on' ? mayRun : mayLook);

function refusalOf(errand: Errand, { userId, channelId }: Omit<Asked, 'text'>, catalogue: Catalogue): string | undefined {
  const may = (name: string, rule: (environment: Environment, userId: string, channelId: string) => ReturnType<typeof mayRun>) => {
    const environment = catalogue.get(name);
    if (environment === undefined) return `There is no environment ${code(cut(name, 60))} any more.`;
    const permission = rule(environment, userId, channelId);
    return permission.kind === 'refused' ? permission.because : undefined;
  };
  switch (errand.kind) {
    case 'history':
    case 'schedules':
    case 'audit':
    case 'on':
      if (errand.environments.length === 0)
        return `There is no environment ${errand.kind === 'on' ? 'on which you may run tests' : 'that you may look at'}: who may stands in coldframe.yml.`;
      return errand.environments.map((name) => may(name, ruleOf(errand.kind))).find((because) => because !== undefined);
    case 'revoke-links':
      return may(errand.environment, mayRun);
    case 'schedule':
      return may(errand.command.environment, mayRun);
    case 'cancel':
    case 'change-schedule':
      // Of an environment that is there no more, a schedule can still be removed, and a run be ended.
      return catalogue.has(errand.environment) ? may(errand.environment, mayRun) : undefined;
    case 'why':
      return may(errand.environment, mayLook);
    case 'mute':
    case 'unmute':
      return may(errand.environment, mayRun);
    case 'change-settings':
    case 'reset-settings':
      return may(errand.environment, mayRun);
    // The worker shows what there is to see, also to whom there is nothing.
    case 'show-settings':
    case 'home':
      return undefined;
  }
}
