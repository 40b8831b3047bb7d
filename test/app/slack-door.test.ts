import { describe, expect, it } from 'vitest';
import { pressButton } from '../../src/app/slack-door.ts';
import { buttons, runValue } from '../../src/message/buttons.ts';
import { catalogueOf } from '../catalogue.ts';
import { aDoor } from './a-door.ts';

const door = () => aDoor(catalogueOf({ name: 'staging' }));

const pressed = {
  action: buttons.cancel,
  userId: 'U0ADA',
  channelId: 'C0UITESTS',
  messageTs: '1.2',
  responseUrl: 'https://hooks.slack.com/actions/1',
  askedAt: '2026-11-23T04:12:00.000Z',
};

describe('the button Cancel', () => {
  it('works for a run whose environment was taken out of coldframe.yml', async () => {
    const { handedOver, world } = door();
    await pressButton({ ...pressed, value: runValue('former', 'former-20261123-0412-abcdef') }, world);
    expect(handedOver).toMatchObject([{ detailType: 'Cancel Requested', detail: { environment: 'former' } }]);
  });

  it('with a value that is none of ours hands nothing over', async () => {
    const { handedOver, world } = door();
    expect(await pressButton({ ...pressed, value: '../../etc' }, world)).toBeUndefined();
    expect(handedOver).toEqual([]);
  });
});

describe('a button that asks for cold starts', () => {
  it('asks once however often it is pressed, and again when it is pressed later', async () => {
    const { handedOver, world } = door();
    const settings = { functions: ['orders-'], allow: { users: [], userGroups: [], channels: [] }, askAboveGb: 100, channels: [] };
    const press = (askedAt: string) =>
      pressButton({ ...pressed, action: `${buttons.coldStarts}:1h`, value: 'orders-* 1h', askedAt }, { ...world, coldStarts: settings });
    for (const askedAt of ['2026-11-23T04:12:00.000Z', '2026-11-23T04:12:59.000Z', '2026-11-24T04:12:00.000Z'])
      expect(await press(askedAt)).toBeUndefined();
    const keys = handedOver.map(({ detail }) => ('key' in detail ? detail.key : ''));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });
});

describe('a button that revokes links', () => {
  it('whose value is no environment is refused without markup of others', async () => {
    const { handedOver, world } = door();
    const answer = await pressButton({ ...pressed, action: buttons.revokeLinks, value: '`<!channel>' }, world);
    expect(JSON.stringify(answer)).toContain("There is no environment `'&lt;!channel&gt;` any more.");
    expect(handedOver).toEqual([]);
  });
});
