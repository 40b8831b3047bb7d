/** What a spell of bad weather may be of, each as often as it is. The order makes the histories. */
export const anyStorm = [
  'slack-busy',
  'slack-odd',
  'slack-down',
  'slack-down',
  'slack-slow',
  'slack-slow',
  'token',
  's3-slow',
  'ecs-throttled',
  'no-capacity',
  'no-interface',
] as const;
export type Storm = (typeof anyStorm)[number];

export const storms: readonly Storm[] = [...new Set(anyStorm)];
