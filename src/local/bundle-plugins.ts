import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** What makes the functions' bundles start fast: what each gives stands in docs/benchmarks.md. */

/** Stands for what is left out. */
export const leftOutFile = fileURLToPath(new URL('left-out.cjs', import.meta.url));

/** Not the name alone: Lambda's runtime would find the folder `http` when it looks for the handler's file, and fail. */
export const laterFolder = (name: string): string => `${name}-later`;

/** Leaves `import('./bolt.ts')` of handlers/http.ts to the time when it is reached, as that of the file http-later/bolt.mjs. */
export const loadedLater = (name: string, later: readonly string[]): Plugin => ({
  name: 'loaded-later',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[^/]+\.ts$/ }, ({ path, kind }) => {
      const source = basename(path, '.ts');
      return kind === 'dynamic-import' && later.includes(source)
        ? { path: `./${laterFolder(name)}/${source}.mjs`, external: true }
        : undefined;
    });
  },
});

/**
 * Node's own modules as they are, and not by `import`: that reads each of a module's exports once, and `node:http` has some that
 * load a whole client (WebSocket, fetch) when they are read, 40 ms of a cold start.
 */
export const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path }) => (isBuiltin(path) ? { path, namespace: 'builtin', sideEffects: false } : undefined));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** What a package of others would load by `import()`, never happens here: S3's events as a stream, a browser's name. */
export const neverLoaded: Plugin = {
  name: 'never-loaded',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && importer.includes('node_modules') && !isBuiltin(path) ? { path: leftOutFile } : undefined,
    );
  },
};

/**
 * An SDK client's schemas, of which it needs those of the few operations that we call. The rest stays in a bundle only because a key
 * like `[_h]`, for all that esbuild knows, might do something when it is computed: it is written as the text that it is.
 */
export const shakenSchemas: Plugin = {
  name: 'shaken-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]client-[^/\\]+[/\\]dist-es[/\\]schemas[/\\]schemas_0\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const texts = new Map([...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name = '', text = '']) => [name, text]));
      return { contents: source.replaceAll(/(?<=[{,] )\[(_\w+)\](?=:)/g, (key, name) => texts.get(name) ?? key) };
    });
  },
};
