import { views } from '../message/form-loading.ts';
import type { AtHome, Interaction } from '../slack/interaction.ts';
import { changeForm, type Submission, submitForm, useShortcut } from './form-door.ts';
import { hearMention } from './hear-mention.ts';
import { changeSettingsForm, submitSettings } from './settings-door.ts';
import type { DoorWorld } from './world.ts';

/** Somebody used a modal or a shortcut, or spoke to us: what Slack gets as the answer, or undefined when it has heard enough. */
export async function interact(done: Exclude<Interaction, AtHome>, door: DoorWorld): Promise<Submission | undefined> {
  switch (done.kind) {
    case 'submitted':
      return done.callbackId === views.settings ? await submitSettings(done, door) : await submitForm(done, door);
    case 'changed':
      return void (done.callbackId === views.settings ? await changeSettingsForm(done, door) : await changeForm(done, door));
    case 'shortcut':
      return void (await useShortcut(done, door));
    case 'mentioned':
      return void (await hearMention(done, door));
  }
}
