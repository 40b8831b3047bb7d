import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { buttons, runValue } from '../../message/buttons.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const answerMs = 10_000;
/** Slack's own patience with a clock is five minutes, AWS's a quarter of an hour. */
const maxSkewMs = 60_000;

/** The door answers from outside. `aheadMs`: how far the clock of this machine is ahead of AWS's. */
export async function doorOf({ config, nowMs }: Patient): Promise<{ readonly findings: readonly Finding[]; readonly aheadMs?: number }> {
  const address = `${config.publicUrl}/reports/doctor`;
  const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(answerMs) });
  const text = await response.text();
  const aheadMs = nowMs() - Date.parse(response.headers.get('date') ?? '');
  // A made-up link leads nowhere: our own function says so, in words that nobody else has.
  const isOurs = response.status === 404 && text.startsWith('This link leads nowhere');
  const door: Finding = isOurs
    ? { kind: 'well', about: 'door', says: `${config.publicUrl} answers` }
    : {
        kind: 'ill',
        about: 'door',
        says: `${address} answers ${response.status}: ${text.slice(0, 120)}`,
        remedy: 'read the log of the function http: mostly a secret is missing, or coldframe.yml is not what was built',
      };
  return Number.isNaN(aheadMs) ? { findings: [door] } : { findings: [door, clockFinding(aheadMs)], aheadMs };
}

function clockFinding(aheadMs: number): Finding {
  const skew = `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} AWS's`;
  if (Math.abs(aheadMs) <= maxSkewMs) return { kind: 'well', about: 'clock', says: `is within a minute of AWS's` };
  const says = `the clock of this machine is ${skew}: what is signed here is refused as stale`;
  return { kind: 'ill', about: 'clock', says, remedy: 'set it by NTP: timedatectl set-ntp true' };
}

/**
 * A synthetic request goes the whole way: signed as Slack signs, through the door, the bus, the rule and the queue to the worker, whose
 * log says that it came. It asks to cancel a run that nobody has started, so that nothing happens.
 */
export async function deliveryOf(patient: Patient, aheadMs: number): Promise<readonly Finding[]> {
  const { aws, config, stage, nowMs, patienceMs } = patient;
  const about = 'delivery';
  const { signingSecret } = config.parameters;
  const { Parameters = [] } = await aws.ssm.send(new GetParametersCommand({ Names: [signingSecret], WithDecryption: true }));
  const secret = Parameters[0]?.Value;
  // That it is missing was said already.
  if (secret === undefined) return [];
  const runId = `doctor-${randomBytes(8).toString('hex')}`;
  const sentMs = nowMs() - aheadMs;
  const response = await fetch(`${config.publicUrl}/slack/events`, {
    ...signedPress(runValue('doctor', runId), { secret, nowMs: sentMs }),
    signal: AbortSignal.timeout(answerMs),
  });
  if (response.status !== 200) {
    const says = `the door refuses a request that is signed with ${signingSecret}: HTTP ${response.status}, ${(await response.text()).slice(0, 120)}`;
    return [
      { kind: 'ill', about, says, remedy: 'the door reads a changed secret within five minutes; else read the log of the function http' },
    ];
  }
  const worker = `/aws/lambda/coldframe-${stage}-worker`;
  if (await isLogged(runId, { group: worker, sinceMs: sentMs - 60_000, patienceMs }, patient))
    return [{ kind: 'well', about, says: 'a synthetic request came through the door, the bus, the rule and the queue to the worker' }];
  const says = `the door took a synthetic request, but within ${Math.round(patienceMs / 1_000)} s the worker's log does not say that it came`;
  const remedy = `look at the rule and the queue coldframe-${stage}-requests, its DLQ, and the log ${worker}`;
  return [{ kind: 'ill', about, says, remedy }];
}

interface Expected {
  readonly group: string;
  readonly sinceMs: number;
  readonly patienceMs: number;
}

/** CloudWatch shows a line some seconds after it was written. */
async function isLogged(word: string, { group, sinceMs, patienceMs }: Expected, { aws }: Patient): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    let nextToken: string | undefined;
    do {
      const page = await aws.logs.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime: sinceMs,
          filterPattern: `"${word}"`,
          ...(nextToken && { nextToken }),
        }),
      );
      if ((page.events ?? []).length > 0) return true;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    if (performance.now() > until) return false;
    await pause(500);
  }
}

/** A press on a button of ours, as Slack sends it. */
function signedPress(value: string, { secret, nowMs }: { readonly secret: string; readonly nowMs: number }) {
  const channel = { id: 'C0DOCTOR', name: 'doctor' };
  const message = { ts: '1.000001', type: 'message', text: '' };
  const payload = {
    type: 'block_actions',
    team: { id: 'T0DOCTOR', domain: 'doctor' },
    user: { id: 'U0DOCTOR', name: 'doctor' },
    channel,
    message,
    container: { type: 'message', message_ts: message.ts, channel_id: channel.id },
    actions: [{ type: 'button', action_id: buttons.cancel, block_id: 'doctor', value, action_ts: message.ts }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signature,
  };
  return { method: 'POST', headers, body };
}
