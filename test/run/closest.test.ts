import { expect, it } from 'vitest';
import { closest } from '../../src/run/closest.ts';

const names = ['local', 'staging', 'production'];

it.each([
  ['stagin', 'staging'],
  ['Staging', 'staging'],
  ['stgaing', 'staging'],
  ['prodction', 'production'],
  ['locale', 'local'],
])('%s was meant to be %s', (word, meant) => expect(closest(word, names)).toBe(meant));

it.each(['nowhere', 'qa', ''])('%j is near nothing', (word) => expect(closest(word, names)).toBeUndefined());

it('nothing is near when there is nothing', () => expect(closest('staging', [])).toBeUndefined());
