import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { WebClient } from '@slack/web-api';
import { once } from '../../slack/client-settings.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'slack';

/** Slack knows the token, has granted what the manifest asks for, and lets the bot into the channels of coldframe.yml. */
export async function slack(patient: Patient): Promise<readonly Finding[]> {
  const { aws, config, stage, scopes } = patient;
  const { botToken } = config.parameters;
  const { Parameters = [] } = await aws.ssm.send(new GetParametersCommand({ Names: [botToken], WithDecryption: true }));
  const token = Parameters[0]?.Value;
  // That it is missing was said already.
  if (token === undefined) return [];
  const client = new WebClient(token, { ...once, ...(config.slackApiUrl !== undefined && { slackApiUrl: config.slackApiUrl }) });
  try {
    const { team, user, response_metadata } = await client.auth.test();
    const granted = response_metadata?.scopes ?? [];
    const findings = [{ kind: 'well', about, says: `${team} knows the token: it is @${user}` } as const, scopeFinding(granted, scopes)];
    return [...findings, ...(await channels(client, patient, user ?? 'Coldframe'))];
  } catch (error) {
    const refusal = slackError(error);
    if (refusal === undefined) throw error;
    const remedy = `install the app again, then: npm run coldframe -- setup parameters --stage ${stage}`;
    return [{ kind: 'ill', about, says: `Slack refuses the token in ${botToken}: ${refusal}`, remedy }];
  }
}

function scopeFinding(granted: readonly string[], asked: readonly string[]): Finding {
  const missing = asked.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return { kind: 'well', about: 'scopes', says: 'Slack has granted all that slack-app.yml asks for' };
  const remedy = "paste slack-app.yml into the app's manifest (setup manifest prints it), then install the app again";
  return { kind: 'ill', about: 'scopes', says: `slack-app.yml asks for ${missing.join(', ')}, which Slack has not granted`, remedy };
}

async function channels(client: WebClient, { catalogue, coldStarts }: Patient, bot: string): Promise<readonly Finding[]> {
  const named = [...[...catalogue.values()].map(({ channel }) => channel), ...(coldStarts?.channels ?? []).map(({ channel }) => channel)];
  const findings: Finding[] = [];
  for (const channel of new Set(named)) findings.push(await channelFinding(client, channel, bot));
  return findings;
}

async function channelFinding(client: WebClient, channel: string, bot: string): Promise<Finding> {
  try {
    await client.conversations.history({ channel, limit: 1 });
    return { kind: 'well', about: 'channel', says: `${channel} has the bot in it` };
  } catch (error) {
    const refusal = slackError(error);
    if (refusal === 'not_in_channel') {
      const says = `the bot is not in ${channel}: it cannot find its own messages there when an answer of Slack's was lost`;
      return { kind: 'ill', about: 'channel', says, remedy: `type there: /invite @${bot}` };
    }
    if (refusal === 'channel_not_found') {
      const says = `there is no channel ${channel}, or it is a private one without the bot`;
      return { kind: 'ill', about: 'channel', says, remedy: `correct it in coldframe.yml, or type there: /invite @${bot}` };
    }
    const remedy = 'try again in a minute; a missing scope is told above';
    return { kind: 'unseen', about: 'channel', says: `${channel} could not be looked at: ${refusal ?? String(error)}`, remedy };
  }
}

/** Slack's word for why not; undefined when Slack has not spoken. */
function slackError(error: unknown): string | undefined {
  if (!(error instanceof Error && 'data' in error)) return undefined;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'error' in data && typeof data.error === 'string' ? data.error : undefined;
}
