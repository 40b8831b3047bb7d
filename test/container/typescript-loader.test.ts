import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typescriptLoader } from '../../container/typescript-loader.ts';

function suiteWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldframe-typescript-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const allTs = { importPaths: ['features/**/*.ts'] };
const enumSteps = { 'features/a.ts': 'export enum Colour { red }' };

describe("a suite's TypeScript is left to Node", () => {
  it.each([
    ['with types only', { 'features/a.ts': 'const a: number = 1; interface B { c: string }\nexport type { B };' }],
    ['with complete imports', { 'features/a.ts': `import { b } from './b.ts';`, 'features/b.ts': 'export const b = 1;' }],
    [
      'with imports of types, which leave nothing behind',
      { 'features/a.ts': `import type { B } from '../pages/b';\nexport type { C } from './c';` },
    ],
    ['with packages', { 'features/a.ts': `import { Given } from '@cucumber/cucumber';\nimport fs from 'node:fs';` }],
    ['with enums in words and names', { 'features/a.ts': `// an enum\n/**\n * @param enum\n */\nconst enumeration = 'enum A {';` }],
    ['beside an app with enums that it does not import', { 'features/a.ts': 'let a: 1;', 'src/app.ts': 'export enum A { b }' }],
    ['with declarations', { 'features/a.d.ts': 'declare enum A { b }', 'features/a.ts': 'let a: 1;' }],
    ['in JavaScript', { 'features/a.js': 'const a = 1;' }],
  ])('%s', (_, files) => expect(typescriptLoader(allTs, suiteWith(files))).toBeUndefined());

  it.each([
    ['requires one', { requireModules: ['ts-node/register'] }, ''],
    ['requires another', { requireModules: ['@swc-node/register'] }, ''],
    ['names one', { loaders: ['ts-node/esm'] }, ''],
    ['registers one in a file of its own', { importPaths: ['register.mjs', 'features/**/*.ts'] }, ''],
    ['is given one by its image', {}, '--import tsx'],
  ])('when the suite %s as a loader', (_, support, nodeOptions) => {
    const folder = suiteWith({ ...enumSteps, 'register.mjs': `import { register } from 'tsx/esm/api'; register();` });
    expect(typescriptLoader({ ...allTs, ...support }, folder, nodeOptions)).toBeUndefined();
  });
});

describe("a suite's TypeScript is loaded with tsx", () => {
  it.each([
    ['an enum', enumSteps],
    ['a constant enum', { 'features/a.ts': '  const enum A { b }' }],
    ['a namespace', { 'features/a.ts': 'export namespace A.B { }' }],
    ['a parameter property', { 'features/a.ts': 'class A {\n  constructor(a: string, private readonly b = 1) {}\n}' }],
    ['a decorator', { 'features/a.ts': '@binding()\nexport class Steps {\n}' }],
    ['a decorator of a method', { 'features/a.ts': 'class Steps {\n  @given(/a/)\n  a() {}\n}' }],
    ['an import assignment', { 'features/a.ts': `import fs = require('fs');` }],
    ['an import without its extension', { 'features/a.ts': `import { b } from './b';`, 'features/b.ts': '' }],
    ['an import of a folder', { 'features/a.ts': `import { b } from '../pages';`, 'pages/index.ts': '' }],
    ['an import by the name of what it is compiled to', { 'features/a.ts': `import { b } from './b.js';`, 'features/b.ts': '' }],
    [
      'a name for a folder',
      { 'features/a.ts': `import '@pages/a';`, 'tsconfig.json': '{ "compilerOptions": { "paths": { "@pages/*": ["p/*"] } } }' },
    ],
    ['JSX', { 'features/a.tsx': 'export const a = 1;' }],
    [
      'an enum in what the steps import',
      { 'features/a.ts': `import '../pages/b.ts';`, 'pages/b.ts': `import './c.ts';`, 'pages/c.ts': 'enum A { b }' },
    ],
  ])('for the sake of %s', (_, files) => {
    const support = { importPaths: ['features/**/*.{ts,tsx}'] };
    expect(typescriptLoader(support, suiteWith(files))).toMatch(/node_modules\/tsx\/dist\/loader\.mjs$/);
  });

  it('of its own, if it has one', () => {
    const manifest = JSON.stringify({ name: 'tsx', main: 'mine.js' });
    const folder = suiteWith({ ...enumSteps, 'node_modules/tsx/package.json': manifest, 'node_modules/tsx/mine.js': '' });
    expect(typescriptLoader(allTs, folder)).toBe(join(folder, 'node_modules/tsx/mine.js'));
  });
});
