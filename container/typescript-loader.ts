import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';

/** How a suite's configuration says which code belongs to it: cucumber's `ISupportCodeCoordinates`. */
interface SupportCode {
  readonly requireModules?: readonly string[];
  readonly requirePaths?: readonly string[];
  readonly importPaths?: readonly string[];
  readonly loaders?: readonly string[];
}

/**
 * The module that makes a suite's TypeScript run, to be required before its code; undefined when nothing is needed.
 *
 * Node itself erases types. A suite that has more than types (enums, decorators, parameter properties), imports without the
 * extension, or names of its own for folders runs with tsx: its own, or the one beside the container's program. A suite that
 * brings a loader in its configuration gets no other.
 */
export function typescriptLoader(support: SupportCode, suite: string, nodeOptions = ''): string | undefined {
  const files = typescriptFiles(support, suite);
  if (files.length === 0 || hasLoader(support, suite, nodeOptions)) return undefined;
  return needsMoreThanErasing(files, suite) ? findTsx(suite) : undefined;
}

function typescriptFiles({ requirePaths = [], importPaths = [] }: SupportCode, suite: string): readonly string[] {
  const patterns = [...requirePaths, ...importPaths].filter((pattern) => /ts|[*?]$/.test(pattern));
  const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: suite }));
  return [...new Set(found.map((file) => resolve(suite, file)))].filter((file) => /\.[cm]?tsx?$/.test(file) && !isDeclaration(file));
}

const isDeclaration = (file: string): boolean => /\.d\.[cm]?ts$/.test(file);

const loaderNames = /\b(?:tsx|ts-node|swc|swc-node|esbuild|esbuild-register|sucrase|jiti|babel)\b/;

/** Whether the suite has seen to its TypeScript itself: in its configuration, in a file named there, or in the image. */
function hasLoader(support: SupportCode, suite: string, nodeOptions: string): boolean {
  const { requireModules = [], requirePaths = [], importPaths = [], loaders = [] } = support;
  if (loaders.length > 0 || loaderNames.test(requireModules.join(' '))) return true;
  if (/(?:--import|--loader|--experimental-loader|--require|-r)[ =]|--experimental-transform-types/.test(nodeOptions)) return true;
  const named = [...requireModules, ...requirePaths, ...importPaths].map((path) => join(suite, path));
  return named.filter((path) => /\.[cm]?js$/.test(path) && existsSync(path)).some((path) => loaderNames.test(readFileSync(path, 'utf8')));
}

/**
 * What Node cannot erase. Read as text, not parsed: whoever writes `enum` into a comment at the beginning of a line gets tsx
 * without need, which costs a moment and changes nothing.
 */
const notErasable = [
  /^\s*(?:export\s+)?(?:const\s+)?enum\s/m,
  /^\s*(?:export\s+)?(?:namespace|module)\s+[\w.]+\s*\{/m,
  /^\s*(?:export\s+)?import\s+\w+\s*=/m,
  /^\s*export\s*=/m,
  /\bconstructor\s*\([^{]*?\b(?:private|public|protected|readonly|override)\s/,
  /^\s*(?:export\s+)?@[A-Za-z_$][\w$.]*\s*(?:\(|$|@|class\b|export\b|async\b|static\b|\w+\s*[(:])/m,
];

const imported = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/** An import of types leaves nothing behind, so it may name anything. */
const typesOnly = /^\s*(?:import|export)\s+type\s[^;'"]*?from\s*(['"])[^'"\n]+\1/gm;

/** Follows the imports as Node would; the first thing that Node could not do ends the search. */
function needsMoreThanErasing(files: readonly string[], suite: string): boolean {
  const aliases = folderNames(suite);
  const known = new Set(files);
  for (const file of known) {
    const source = readFileSync(file, 'utf8');
    if (extname(file) === '.tsx' || notErasable.some((pattern) => pattern.test(source))) return true;
    for (const [, , specifier = ''] of source.replace(typesOnly, '').matchAll(imported)) {
      if (aliases.some((alias) => alias.test(specifier))) return true;
      if (!/^\.{1,2}(?:\/|$)/.test(specifier)) continue;
      const target = resolve(dirname(file), specifier);
      if (!isFile(target)) return true;
      if (/\.[cm]?ts$/.test(target) && !isDeclaration(target)) known.add(target);
    }
  }
  return false;
}

/** A file with its extension: what Node asks of an import. `./page.js` for a `page.ts` is none, nor is a folder. */
const isFile = (path: string): boolean => extname(path) !== '' && existsSync(path);

/** Names like `@pages/*` that tsconfig.json gives to folders: only a loader knows them. */
function folderNames(suite: string): readonly RegExp[] {
  const file = join(suite, 'tsconfig.json');
  const [, paths = ''] = existsSync(file) ? (/"paths"\s*:\s*\{([^}]*)\}/.exec(readFileSync(file, 'utf8')) ?? []) : [];
  return [...paths.matchAll(/"([^"]+)"\s*:/g)].map(([, name = '']) => {
    const source = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'));
    return new RegExp(`^${source.join('.*')}$`);
  });
}

/** @throws saying what to do when there is none */
function findTsx(suite: string): string {
  for (const place of [join(suite, 'package.json'), import.meta.url]) {
    try {
      return createRequire(place).resolve('tsx');
    } catch {
      // not there: the next place, or the sentence below
    }
  }
  throw new Error(
    "The suite's TypeScript has more than types to erase (enums, decorators, parameter properties, or imports without an extension) and it brings no loader: add tsx to its devDependencies.",
  );
}
