import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { masking, shownKey } from '../../src/app/mask.ts';
import { parseTaskStopped } from '../../src/aws/task-event.ts';
import { parseColdStartsRequest } from '../../src/coldstart/request.ts';
import { helpMessage } from '../../src/message/answers.ts';
import { scheduledMessage } from '../../src/message/schedules.ts';
import { adoptedPlan, defaultSuitePlan } from '../../src/run/plan.ts';
import { parsePlan, parseRunWish } from '../../src/run/stored.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { readRequest } from '../../src/slack/request.ts';
import { catalogueOf, environmentOf } from '../catalogue.ts';
import { isEveryRow } from '../every-row.ts';
import { chanceOf } from '../simulation/chance.ts';
import { pingsIn } from './claims.ts';
import { ecsEvent } from './event-inputs.ts';
import { deepJson } from './odd.ts';

// A process of its own: it replaces what the SDKs' clients send. More of it: npm run fuzz -- --help
it('what comes from outside breaks no claim, whatever it is', { timeout: 60_000 }, () => {
  const runs = isEveryRow ? '400' : '200';
  const { stdout, stderr } = spawnSync(process.execPath, ['test/fuzz/main.ts', '--runs', runs], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toMatch(new RegExp(`\\n${runs} passed, 0 failed\\n$`));
});

describe('the fuzzer has found, and it is mended:', () => {
  const signed = (body: string, type = 'application/x-www-form-urlencoded') => {
    const timestamp = '1795000000';
    const signature = `v0=${createHmac('sha256', 'secret').update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const headers = { 'content-type': type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
    return readRequest({ headers, body, isBase64Encoded: false } as never, 'secret', 1_795_000_000_000);
  };
  const pressed = { type: 'block_actions', user: { id: 'U0ADA12345' }, actions: [{ type: 'button', action_id: 'a', value: 'b' }] };
  const payload = (json: object) => new URLSearchParams({ payload: JSON.stringify(json) }).toString();

  it('a payload whose parts are none is refused before Bolt falls over it', () => {
    expect(signed(payload(pressed))).toEqual({ kind: 'for-bolt' });
    for (const wrong of [
      { user: null },
      { channel: { id: 'C'.repeat(2_000) } },
      { channel: null },
      { actions: [] },
      { view: null },
      { response_url: 1.5 },
      { response_url: 'x'.repeat(1_001) },
      { type: 'view_closed' },
    ])
      expect(signed(payload({ ...pressed, ...wrong })), JSON.stringify(wrong)).toMatchObject({ status: 400 });
    expect(signed('{"type":"event_callback","event":null}', 'application/json')).toMatchObject({ status: 400 });
  });

  it('a command with a field twice, or of nobody, is refused instead of being taken and lost', () => {
    const command = 'command=/run-tests&text=staging&user_id=U0ADA12345&channel_id=C0STAGING1&trigger_id=1.2.3&response_url=x';
    expect(signed(command)).toMatchObject({ kind: 'command' });
    expect(signed(`${command}&text=prod`)).toMatchObject({ status: 400 });
    expect(signed(command.replace('U0ADA12345', '<!channel>'))).toMatchObject({ status: 400 });
    // Seed 2305734: the worker reads no longer one.
    expect(signed(`${command}${'x'.repeat(1_000)}`)).toMatchObject({ status: 400 });
  });

  it('a trigger_id stood in the log of who asked', () => {
    expect(shownKey('command:13345224609.738474920.8088930838d88f008e0')).toBe('command:13345224609.738474920.•••');
  });

  it('an event nested so deep that masking it fell over', () => {
    const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    expect(JSON.stringify(masking([]).value(deep))).toContain('•••');
    expect(deepJson(chanceOf(1)).length).toBeGreaterThan(100);
  });

  it('a response_url within the name of a field is masked too', () => {
    expect(masking([]).value({ 'urlhttps://hooks.slack.com/commands/T0A/1/secret': '' })).toEqual({
      'urlhttps://hooks.slack.com/commands/T0A/•••': '',
    });
  });

  it('what is left of a response_url that something came into is masked too', () => {
    expect(masking([]).text('"https://hooks.slack.com/shards=99 "commands/T0A/1/secret"')).toBe(
      '"https://hooks.slack.com/shards=99 "commands/T0A/•••"',
    );
  });

  it('an environment that would be another path is no request', () => {
    const cancel = {
      version: 1,
      runId: 'r',
      environment: 'a/../b',
      askedAt: '2026-11-27T09:00:00Z',
      asker: { kind: 'slack', userId: 'U0ADA12345' },
    };
    expect(() => parseRunWish(cancel)).toThrow('Invalid format');
  });

  it('a question about cold starts mentions a person, or nobody', () => {
    const question = { version: 1, key: 'k', askedAt: '2026-11-27T09:00:00Z', channel: 'C0A', text: '' };
    expect(parseColdStartsRequest({ ...question, userId: 'U0ADA12345' })).toMatchObject({ userId: 'U0ADA12345' });
    expect(() => parseColdStartsRequest({ ...question, userId: '!channel' })).toThrow('Invalid format');
    expect(() => parseColdStartsRequest({ ...question, userId: '' })).toThrow('who asks');
  });

  it('a time of a task that is none is as if it were not there', () => {
    const { event } = ecsEvent(chanceOf(7)) as unknown as { readonly event: { readonly detail: object } };
    const detail = { ...event.detail, taskDefinitionArn: 'a/b:1', lastStatus: 'STOPPED', stoppedAt: 'yesterday' };
    const stopped = parseTaskStopped({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail });
    expect(stopped).toMatchObject({ kind: 'stopped' });
    expect(JSON.stringify(stopped)).not.toContain('yesterday');
  });

  it('a task that somebody started by hand, and named at length, had a plan that nobody could read', () => {
    const taskArn = `arn:aws:ecs:eu-central-1:000000000000:task/coldframe/${'0'.repeat(32)}`;
    const plan = adoptedPlan({
      ...{ environment: 'staging', taskArn, createdAt: '2026-11-27T09:00:00Z', startedBy: '1'.repeat(2_000), channel: 'C0A' },
      suite: defaultSuitePlan(environmentOf({ name: 'staging' })),
    });
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  it('a schedule whose ref is no ref would have pinged whom it named', () => {
    const schedule: Schedule = {
      ...{ id: 'staging-k3f9qa', by: 'U0ADA12345', channel: 'C0A', madeAt: '2026-11-27T09:00:00Z' },
      command: { environment: 'staging', features: [], ref: '<!everyone>' },
      times: { kind: 'every', minutes: 60 },
    };
    expect(pingsIn(scheduledMessage({ schedule, next: [], changes: [] }))).toEqual([]);
  });

  it('a task whose ARN is none had a run whose keys were none', () => {
    const { event } = ecsEvent(chanceOf(7)) as unknown as { readonly event: { readonly detail: object } };
    const detail = { ...event.detail, taskArn: 'etc/passwd=\u001b[31m', taskDefinitionArn: 'a/b:1', lastStatus: 'STOPPED' };
    const stopped = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail };
    expect(() => parseTaskStopped(stopped)).toThrow('is not as AWS documents it: taskArn');
  });

  it('the help had markup that was none', () => {
    expect(pingsIn(helpMessage(catalogueOf({ name: 'staging' })))).toEqual([]);
  });
});
