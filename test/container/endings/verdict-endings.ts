import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

/** What scenarios and hooks can come to. */
export const verdictEndings: readonly Ending[] = [
  {
    name: 'passes',
    leftOut: '`main-job.test.ts` has a run that passes',
    title: 'all is well',
    files: aSuite({ first: ['all is well'], second: ['all is well'] }),
    kind: 'passed',
    says: ['staging passed', '2 scenarios passed'],
  },
  {
    name: 'fails',
    leftOut: '`main-job.test.ts` has a run that fails',
    title: 'a scenario fails',
    files: aSuite({ first: ['all is well'], second: ['it fails'] }),
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'this is wrong'],
  },
  {
    name: 'undefined-ambiguous-pending',
    like: 'fails',
    title: 'steps are undefined, ambiguous and pending',
    files: aSuite(
      { first: ['nobody knows this'], second: ['it is said twice'], third: ['it is to come'] },
      `Given('it is said twice', () => {}); Given(/^it is said/, () => {}); Given('it is to come', () => 'pending');`,
    ),
    kind: 'failed',
    says: ['3 of 3 scenarios failed', 'undefined', 'ambiguous', 'pending'],
  },
  {
    name: 'all-skipped',
    like: 'no-features',
    title: 'every scenario is skipped',
    files: aSuite({ first: ['not today'], second: ['not today'] }, `Given('not today', () => 'skipped');`),
    kind: 'empty',
    says: ['Nothing was checked', '2 skipped'],
  },
  {
    name: 'empty-features',
    like: 'no-features',
    title: 'the features have no scenario',
    files: { ...aSuite({}), 'features/a.feature': 'Feature: nothing yet' },
    kind: 'empty',
    says: ['checked nothing', 'The suite has no scenario'],
  },
  {
    name: 'no-features',
    leftOut: '`verdict.test.ts` has some that were recorded',
    title: 'there is no folder `features`',
    files: { 'readme.md': 'nothing here' },
    kind: 'empty',
    says: ['The suite has no scenario'],
  },
  {
    name: 'no-such-tag',
    like: 'no-features',
    title: 'no scenario has the tag',
    files: aSuite({ first: ['all is well'] }),
    environment: { tags: '@smoke' },
    kind: 'empty',
    says: ['No scenario of the suite fits the tags', '@smoke'],
  },
  {
    name: 'before-all-fails',
    leftOut: '`verdict.test.ts` has one that was recorded',
    title: 'a BeforeAll hook fails',
    files: aSuite(
      { first: ['all is well'] },
      `import { BeforeAll } from '@cucumber/cucumber'; BeforeAll(() => { throw new Error('no seed data'); });`,
    ),
    kind: 'broken',
    says: ['BeforeAll', 'no seed data'],
  },
  {
    name: 'after-all-fails',
    like: 'before-all-fails',
    title: 'an AfterAll hook fails',
    files: aSuite(
      { first: ['all is well'] },
      `import { AfterAll } from '@cucumber/cucumber'; AfterAll(() => { throw new Error('cannot tidy up'); });`,
    ),
    kind: 'broken',
    says: ['AfterAll', 'cannot tidy up'],
  },
  {
    name: 'parse-error',
    leftOut: '`verdict.test.ts` has one that was recorded',
    title: 'a feature file does not parse',
    files: aSuite({ first: ['all is well'] }, '', {
      'features/b.feature': 'Feature: b\n  Scenario: x\n    Given all is well\n    this is no step',
    }),
    kind: 'broken',
    says: ['features/b.feature', 'this is no step'],
  },
];
