import { expect, it } from 'vitest';
import { tagExpressionFault } from '../../src/run/tag-expression.ts';

it.each(['', '@smoke', 'not @broken', '@a and (@b or not @c)', '@a\\(b\\)', '  @a  '])('%j is right', (text) =>
  expect(tagExpressionFault(text)).toBeUndefined(),
);

it.each([
  ['smoke', '`smoke` is not a tag: tags begin with @, write `@smoke`'],
  ['@a and smoke', '`smoke` is not a tag: tags begin with @, write `@smoke`'],
  ['@a @b', '`@a @b` is not a tag expression (Expected operator): write it like `@smoke and not @broken`'],
  ['(@a', '`(@a` is not a tag expression (Unmatched (): write it like `@smoke and not @broken`'],
  [`@${'a'.repeat(1_000)}`, 'a tag expression has at most 1000 characters, this one 1001'],
])('%.20s is refused with the way out', (text, fault) => expect(tagExpressionFault(text)).toBe(fault));
