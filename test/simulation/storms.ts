/** What a spell of bad weather may be of. */
export const storms = [
  'slack-busy',
  'slack-odd',
  'slack-down',
  'slack-slow',
  'token',
  's3-slow',
  'ecs-throttled',
  'no-capacity',
  'no-interface',
] as const;
export type Storm = (typeof storms)[number];
