import { describe, expect, it } from 'vitest';
import { readSettings } from '../../container/settings.ts';

const complete = {
  COLDFRAME_STAGE: 'prod',
  COLDFRAME_BUCKET: 'coldframe-prod-123456789012',
  COLDFRAME_ENVIRONMENT: 'staging',
  COLDFRAME_SUITE: '/suite',
  COLDFRAME_RUN: 'staging-20261123-0412-k3f9qa',
  COLDFRAME_SHARD: '2',
};
const defaults = { url: 'https://staging.example.com', tags: '', retry: 1, features: [], limitMs: 60_000, progressEveryMs: 6_000 };

describe('the settings of a container', () => {
  it('name its shard', () => {
    expect(readSettings({ ...complete, CHROME_PATH: '/usr/bin/chromium' })).toEqual({
      stage: 'prod',
      bucket: 'coldframe-prod-123456789012',
      environment: 'staging',
      suite: '/suite',
      chromePath: '/usr/bin/chromium',
      task: { kind: 'planned', runId: 'staging-20261123-0412-k3f9qa', shard: 2, take: 1 },
    });
  });

  it('of a task that nobody asked for, are what its task definition says', () => {
    const { COLDFRAME_RUN: _run, COLDFRAME_SHARD: _shard, ...rest } = complete;
    const env = { ...rest, COLDFRAME_DEFAULTS: JSON.stringify(defaults), ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/x' };
    expect(readSettings(env).task).toEqual({ kind: 'unasked', defaults, metadataUrl: 'http://169.254.170.2/v4/x' });
  });

  it('are complained about all at once', () => {
    const complain = () => readSettings({ COLDFRAME_BUCKET: ' ', COLDFRAME_DEFAULTS: '{"url":1}' });
    const words = [
      'COLDFRAME_STAGE',
      'COLDFRAME_BUCKET',
      'COLDFRAME_ENVIRONMENT',
      'COLDFRAME_SUITE',
      'COLDFRAME_DEFAULTS',
      'ECS_CONTAINER_METADATA_URI_V4',
    ];
    for (const word of words) expect(complain).toThrow(word);
  });

  it.each([
    ['COLDFRAME_RUN', 'production-20261123-0412-k3f9qa'],
    ['COLDFRAME_RUN', 'staging-../../production'],
    ['COLDFRAME_RUN', ''],
    ['COLDFRAME_SHARD', '0'],
    ['COLDFRAME_SHARD', '1/../../x'],
  ])('are refused when they would lead elsewhere: %s=%j', (name, value) => {
    expect(() => readSettings({ ...complete, [name]: value })).toThrow(name);
  });
});
