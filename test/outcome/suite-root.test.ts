import { describe, expect, it } from 'vitest';
import { addFile, learnRoot, relativeTo, unknownRoot } from '../../src/outcome/suite-root.ts';
import { judged, recorded } from './streams.ts';

const relative = (files: readonly string[], errors: readonly string[]): string[] => {
  const root = unknownRoot();
  for (const file of files) addFile(root, file);
  for (const error of errors) learnRoot(root, error);
  return errors.map(relativeTo(root));
};

describe("the suite's folder", () => {
  it.each<[string, readonly string[], string, string]>([
    ['of an ES module', ['features/steps.js'], 'at x (file:///home/me/shop/features/steps.js:3:1)', 'at x (features/steps.js:3:1)'],
    ['of CommonJS', ['features/steps.js'], 'at x (/home/me/shop/features/steps.js:3:1)', 'at x (features/steps.js:3:1)'],
    ['without brackets', ['features/steps.js'], 'at /home/me/shop/features/steps.js:3:1', 'at features/steps.js:3:1'],
    ['on Windows', ['features\\steps.js'], 'at x (C:\\work\\shop\\features\\steps.js:3:1)', 'at x (features\\steps.js:3:1)'],
    ['on Windows, as a URL', ['features\\steps.js'], 'at x (file:///C:/work/shop/features/steps.js:3:1)', 'at x (features/steps.js:3:1)'],
    ['with spaces and dots', ['a.feature'], 'at x (/srv/my.suite/a.feature:3:1)', 'at x (a.feature:3:1)'],
    [
      'in .NET',
      ['Features/Pay.feature'],
      'at X.Y() in C:\\b\\Shop\\Features\\Pay.feature:line 9',
      'at X.Y() in Features\\Pay.feature:line 9',
    ],
    [
      'found by another file',
      ['f/s.js'],
      'at a (/q/f/s.js:1:1)\n    at b (/q/pages/login.js:2:2)',
      'at a (f/s.js:1:1)\n    at b (pages/login.js:2:2)',
    ],
    [
      'found by its dependencies',
      [],
      'at a (/q/r/node_modules/x/y.js:1:1)\n    at b (/q/r/p.js:2:2)',
      'at a (node_modules/x/y.js:1:1)\n    at b (p.js:2:2)',
    ],
    [
      'of a part of a repository',
      ['f/s.js'],
      'at a (/q/node_modules/x.js:1:1)\n at b (/q/e2e/f/s.js:1:1)',
      'at a (/q/node_modules/x.js:1:1)\n at b (f/s.js:1:1)',
    ],
    [
      'named in the words',
      ['f/s.js'],
      "ENOENT: open '/q/f/data.json'\n    at a (/q/f/s.js:1:1)",
      "ENOENT: open 'f/data.json'\n    at a (f/s.js:1:1)",
    ],
    ['that nobody names', ['f/s.js'], 'at a (/q/other.js:1:1)', 'at a (/q/other.js:1:1)'],
    [
      'that is no folder',
      ['f/s.js'],
      'http://example.com/q/f/s.js:1 failed\n    at a (/f/s.js:1:1)',
      'http://example.com/q/f/s.js:1 failed\n    at a (/f/s.js:1:1)',
    ],
    ['in an address', ['f/s.js'], 'GET http://q/f/x\n    at a (/q/f/s.js:1:1)', 'GET http://q/f/x\n    at a (f/s.js:1:1)'],
  ])('%s is taken out of paths', (_, files, error, expected) => expect(relative(files, [error])).toEqual([expected]));

  it('is taken out of every error, also of those before the one that names it', () => {
    expect(relative(['f/s.js'], ['at b (/q/pages/a.js:2:2)', 'at a (/q/f/s.js:1:1)'])).toEqual([
      'at b (pages/a.js:2:2)',
      'at a (f/s.js:1:1)',
    ]);
  });

  it('is in no error of any recording', () => {
    for (const text of recorded.values()) expect(JSON.stringify(judged(text))).not.toContain('/suite/');
  });
});
