import type { Catalogue, Environment } from '../src/run/catalogue.ts';

/** An environment for tests: everything open, one task at once. */
export const environmentOf = (fields: Partial<Environment> & { name: string }): Environment => ({
  url: 'https://app.example.com',
  channel: 'C0UITESTS',
  allow: { users: [], userGroups: [], channels: [] },
  confirm: false,
  tags: 'not @broken',
  retry: 1,
  shards: 1,
  limitMs: 600_000,
  tasksAtOnce: 1,
  refs: [],
  mentionOnFailure: [],
  ...fields,
});

export const catalogueOf = (...environments: (Partial<Environment> & { name: string })[]): Catalogue =>
  new Map(environments.map((fields) => [fields.name, environmentOf(fields)]));
