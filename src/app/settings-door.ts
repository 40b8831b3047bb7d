import { type FilledSettings, parseSettingsForm } from '../hearing/settings-form.ts';
import { buttons } from '../message/buttons.ts';
import { noteView, savingView, settingsTitle } from '../message/form-loading.ts';
import { settingsErrors } from '../message/settings-form.ts';
import type { Errand } from '../run/errand.ts';
import { unknownEnvironment } from '../run/unknown-environment.ts';
import type { Interaction } from '../slack/interaction.ts';
import { askForErrand } from './ask-for-errand.ts';
import type { Answer } from './asked.ts';
import type { Submission } from './form-door.ts';
import { errorText } from './log.ts';
import { notHandedOver } from './not-handed-over.ts';
import type { DoorWorld } from './world.ts';

type Changed = Extract<Interaction, { kind: 'changed' }>;
type Submitted = Extract<Interaction, { kind: 'submitted' }>;

/** Somebody chooses another environment or channel in the form of the settings, or resets them: the worker shows what holds then. */
export async function changeSettingsForm(changed: Changed, door: DoorWorld): Promise<void> {
  const filled = parseSettingsForm(changed.metadata, changed.values);
  // The form is made for an environment that is there; for none, the worker would be asked in vain.
  if (filled === undefined || !door.catalogue.has(filled.environment)) return;
  const { made, environment, place } = filled;
  const { viewId, actionId } = changed;
  const errand: Errand =
    actionId === buttons.resetSettings
      ? { kind: 'reset-settings', viewId, ...subject(filled) }
      : { kind: 'show-settings', viewId, environment, ...(environment === made.environment && { place }) };
  try {
    const answer = await ask(errand, changed, filled, door);
    if (answer.kind === 'answer') door.log('info', 'settings refused', { by: changed.userId, because: answer.message.text });
  } catch (error) {
    // The form stays as it is; its buttons still work.
    door.log('warn', 'form not changed', { by: changed.userId, because: errorText(error) });
  }
}

/** Somebody saves: what is wrong is said below the field, everything else is kept by the worker. */
export async function submitSettings(submitted: Submitted, door: DoorWorld): Promise<Submission | undefined> {
  const filled = parseSettingsForm(submitted.metadata, submitted.values);
  if (filled === undefined) return undefined;
  const { made, environment, place, given, faults } = filled;
  const wrong = (block: string, because: string): Submission => ({
    response_action: 'errors',
    errors: settingsErrors({ [block]: because }),
  });
  if (!door.catalogue.has(environment)) return wrong('environment', unknownEnvironment(environment, door.catalogue));
  if (environment !== made.environment || place !== made.place)
    return wrong('environment', 'One moment: the form is being made ready for what you chose. Look at it, and press Save again.');
  if (Object.keys(faults).length > 0) return { response_action: 'errors', errors: settingsErrors(faults) };
  const { viewId } = submitted;
  try {
    const answer = await ask({ kind: 'change-settings', viewId, ...subject(filled), settings: given }, submitted, filled, door);
    return { response_action: 'update', view: answer.kind === 'accepted' ? savingView : noteView(answer.message.text, settingsTitle) };
  } catch (error) {
    return { response_action: 'update', view: noteView(notHandedOver({ key: viewId }, error, door).text, settingsTitle) };
  }
}

const subject = ({ made: { environment, place, seen } }: FilledSettings) => ({ environment, place, ...(seen !== undefined && { seen }) });

/** Known by the modal, the second, and what stood in it: pressed twice, it is one wish. */
function ask(
  errand: Errand,
  { rootViewId, userId, askedAt }: Changed | Submitted,
  { made }: FilledSettings,
  door: DoorWorld,
): Promise<Answer> {
  const key = `settings:${rootViewId}:${askedAt}:${made.seen ?? ''}`;
  return askForErrand(errand, { userId, askedAt, channelId: made.channelId ?? '', key, isConfirmed: true }, door);
}
