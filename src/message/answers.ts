import type { Catalogue } from '../run/catalogue.ts';
import type { RunCommand } from '../run/command.ts';
import { section } from './blocks.ts';
import { buttons, runValue } from './buttons.ts';
import type { Message } from './message.ts';
import { code, cut } from './text.ts';

/** The command as people type it. */
const typed = '/run-tests';
/** Longer lists belong into coldframe.yml. */
const shownEnvironments = 20;

/** A refusal, with the way out in its words. `because` is mrkdwn of ours. */
export const refusedMessage = (because: string): Message => ({ text: because, blocks: [section(because)] });

/** How to use the command, and where it may go. */
export function helpMessage(catalogue: Catalogue): Message {
  const environments = [...catalogue.values()];
  const first = environments[0]?.name ?? 'staging';
  const listed = environments
    .slice(0, shownEnvironments)
    .map(({ name, tags }) => `• ${code(name)}${tags === '' ? '' : ` runs ${code(cut(tags, 150))}`}`);
  const others = environments.length > shownEnvironments ? [`• and ${environments.length - shownEnvironments} more`] : [];
  return {
    text: `${typed} &lt;environment&gt; [tag expression] [key=value …], for example: ${typed} ${first} @smoke`,
    blocks: [
      section(
        `*\`${typed} <environment> [tag expression] [key=value …]\`* runs the UI tests and reports here.`.replaceAll(
          '<environment>',
          '&lt;environment&gt;',
        ),
      ),
      section(
        [
          `${code(`${typed} ${first}`)} with the environment's own tags`,
          `${code(`${typed} ${first} @smoke and not @slow`)} with these tags instead`,
          `${code(`${typed} ${first} feature=features/login.feature retry=2`)} one feature, failed scenarios tried twice more`,
          `${code(`${typed} schedule ${first} @smoke weekdays 06:30 Europe/Berlin`)} by the clock; ${code(`${typed} schedules`)} has those there are`,
          `${code(`${typed} history ${first}`)} how the last runs went, what is flaky, and what is slow`,
          `${code(`${typed} cancel`)} what is on, with a button to end it; ${code(`${typed} audit ${first}`)} who asked for what, and what came of it`,
          `${code(`${typed} settings ${first}`)} who hears of its runs in a channel; what coldframe.yml says can be changed, and reset, here`,
          `${code(`${typed} revoke-links ${first}`)} makes every link to its reports lead nowhere`,
        ].join('\n'),
      ),
      section(`*Environments*\n${[...listed, ...others].join('\n')}`),
    ],
  };
}

/** "Are you sure?", for environments that ask; the button carries what was typed. */
export function confirmMessage({ environment }: RunCommand, text: string): Message {
  const question = `Run the tests on *${environment}*? You typed ${code(cut(text.trim(), 300))}.`;
  return {
    text: `Run the tests on ${environment}?`,
    blocks: [
      section(question),
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: buttons.confirm,
            style: 'primary',
            text: { type: 'plain_text', text: `Run on ${environment}` },
            value: cut(text.trim(), 2_000),
          },
        ],
      },
    ],
  };
}

/** The same for what a run has not seen through. */
export function confirmRerunMessage(environment: string, runId: string): Message {
  const text = `Run the tests on ${environment} again that ${runId} has not seen through?`;
  return {
    text,
    blocks: [
      section(`Run the tests on *${environment}* again that ${code(runId)} has not seen through?`),
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: buttons.confirmRerun,
            style: 'primary',
            text: { type: 'plain_text', text: `Run on ${environment}` },
            value: runValue(environment, runId),
          },
        ],
      },
    ],
  };
}

/** Are all links to be worth nothing? There is no way back. */
export const confirmRevokeMessage = (environment: string): Message => ({
  text: `Revoke all links to reports of ${environment}?`,
  blocks: [
    section(
      `Revoke all links to reports, screenshots and the history of *${environment}*? Those in messages and on pages that are there lead nowhere then, for everybody and for good; runs that end later have new ones.`,
    ),
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: buttons.revokeLinks,
          style: 'danger',
          text: { type: 'plain_text', text: `Revoke the links of ${environment}` },
          value: environment,
        },
      ],
    },
  ],
});

export const confirmedRevokeMessage = (environment: string): Message =>
  refusedMessage(`Confirmed: the links of *${environment}* are being revoked.`);

/** All links of the environment lead nowhere now, but this one. */
export const revokedMessage = (environment: string, historyUrl: string): Message =>
  refusedMessage(
    `The links of *${environment}* are revoked: those in messages and on pages that were there lead nowhere now. The <${historyUrl}|history of ${environment}> has a new one, and so has every run that ends from now on.`,
  );

export const confirmedRerunMessage = (value: string): Message =>
  refusedMessage(
    `Confirmed: what ${code(cut(value.replace(/^.*\//, ''), 100))} has not seen through is run again. The run reports by itself.`,
  );

/** What stands in the place of the question once it was answered. */
export const confirmedMessage = (text: string): Message =>
  refusedMessage(`Confirmed: ${code(cut(`${typed} ${text}`, 300))}. The run reports by itself.`);

/** The request could not be handed over: nothing was started. */
export const handOverFailedMessage: Message = refusedMessage(
  'I could not hand this over: AWS did not take it. Nothing was started; please try again in a minute.',
);
