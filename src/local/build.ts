import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { reportAssetFiles, reportAssetsFolder } from '../app/report-assets.ts';
import { catalogueToJson } from '../config.ts';
import { builtinModules, laterFolder, leftOutFile, loadedLater, neverLoaded, shakenSchemas } from './bundle-plugins.ts';
import { type ColdframeFile, readColdframeFile } from './read-catalogue.ts';

/** A file that was made, and its size. */
export interface Built {
  readonly file: string;
  readonly sizeBytes: number;
  /** Absolute paths of what it was made from. */
  readonly inputs: readonly string[];
  /** Of a bundle: the sources in it, from the repository's root. */
  readonly holds?: readonly string[];
}

export interface Build {
  /** Absent: dist. */
  readonly outDir?: string;
  /** Absent: this folder's coldframe.yml. */
  readonly catalogueFile?: string | undefined;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
interface FunctionBundles {
  /** Their files in handlers/. What several are made of is read once. */
  readonly names: readonly string[];
  /** Files in handlers/ that they load by `import()`: in a folder beside the first. */
  readonly later?: readonly string[];
}

const functions: readonly FunctionBundles[] = [
  { names: ['http'], later: ['bolt', 'bucket-door', 'forms'] },
  { names: ['worker', 'run-stopped', 'sweep'] },
];
/** The second is cucumber's process, the others are loaded into it: each is looked for as a file beside the one before. */
const container = ['main', 'cucumber-child', 'deal-plugin', 'playwright-chrome', 'worker-limits'].map((name) =>
  join(root, 'container', `${name}.ts`),
);

/**
 * Bolt loads all of its receivers, whichever one uses. Socket Mode brings undici (the largest item of all), OAuth brings
 * jsonwebtoken; iconv-lite, half a megabyte of tables, only decodes bodies that Bolt reads as the bytes they are.
 */
const leftOut = ['@slack/socket-mode', '@slack/oauth', 'iconv-lite'];

/**
 * Out of the functions alone. Where credentials may stand, an SDK's client looks for itself, in places from a profile to a browser's
 * login; a function has them in its environment, and hands them over (`readAccount`). The container asks Fargate for them.
 */
const leftOutOfFunctions = ['@aws-sdk/credential-provider-node'];

/**
 * Makes `outDir`: the checked catalogue (coldframe.json), a bundle for each function, and container/ with the container's.
 *
 * @throws with every complaint about coldframe.yml, or esbuild's errors
 */
export async function build({ outDir = join(root, 'dist'), catalogueFile }: Build = {}): Promise<readonly Built[]> {
  const file = await readColdframeFile(catalogueFile);
  const yaml = catalogueFile === undefined ? join(root, 'coldframe.yml') : resolve(catalogueFile);
  await mkdir(outDir, { recursive: true });
  const made = await Promise.all([
    writeCatalogue(file, yaml, join(outDir, 'coldframe.json')),
    ...functions.map((one) => bundleFunctions(one, outDir)),
    bundle({ entryPoints: container, outdir: join(outDir, 'container'), plugins: [builtinModules, shakenSchemas] }),
    writeReportAssets(join(outDir, reportAssetsFolder)),
  ]);
  return made.flat();
}

/** esbuild runs beside whoever built until they end; who goes on for long has no use for it any more. */
export const stopBundler = (): Promise<void> => esbuild.stop();

async function writeCatalogue({ catalogue, coldStarts, ci }: ColdframeFile, yaml: string, file: string): Promise<Built> {
  const json = catalogueToJson(catalogue, coldStarts, ci);
  await writeFile(file, json);
  return { file, sizeBytes: Buffer.byteLength(json), inputs: [yaml] };
}

/** The reports' scripts and styles are read as files: a function that writes no report never loads them. */
async function writeReportAssets(folder: string): Promise<readonly Built[]> {
  await mkdir(folder, { recursive: true });
  return await Promise.all(
    (await reportAssetFiles()).map(async ({ name, content, inputs }) => {
      const file = join(folder, name);
      await writeFile(file, content);
      return { file, sizeBytes: Buffer.byteLength(content), inputs };
    }),
  );
}

/** The functions' files, all of which is read at a cold start, and in a folder beside one what is loaded when it is first needed. */
async function bundleFunctions({ names, later = [] }: FunctionBundles, outDir: string): Promise<readonly Built[]> {
  const at = (source: string) => join(root, 'handlers', `${source}.ts`);
  const alias = withStandIns([...leftOut, ...leftOutOfFunctions]);
  const plugins = [builtinModules, neverLoaded, shakenSchemas];
  const [first = ''] = names;
  // Each has its own copy of what they share: a third file for that would be one more to read at the cold start.
  const built = await Promise.all([
    bundle({ entryPoints: names.map(at), outdir: outDir, alias, plugins: [...plugins, loadedLater(first, later)] }),
    bundle({ entryPoints: later.map(at), outdir: join(outDir, laterFolder(first)), alias, plugins }),
  ]);
  return built.flat();
}

const withStandIns = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, leftOutFile]));

async function bundle(options: esbuild.BuildOptions): Promise<readonly Built[]> {
  const { metafile } = await esbuild.build({
    outExtension: { '.js': '.mjs' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The ES module form of a package, where it has one: only that can be shaken.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    alias: withStandIns(leftOut),
    logLevel: 'silent',
    ...options,
    metafile: true,
  });
  // `(disabled):…` stands for a module that a package leaves out, `builtin:…` for one of Node's own: there is no such file.
  const inputs = Object.keys(metafile.inputs).flatMap((input) => (/^\(|^builtin:/.test(input) ? [] : [resolve(root, input)]));
  return Object.entries(metafile.outputs)
    .filter(([file]) => file.endsWith('.mjs'))
    .map(([file, output]) => ({
      file: resolve(root, file),
      sizeBytes: output.bytes,
      inputs,
      holds: Object.keys(output.inputs),
    }));
}

if (import.meta.main) {
  try {
    for (const { file, sizeBytes } of await build({ catalogueFile: process.argv[2] })) {
      console.log(`${String(Math.ceil(sizeBytes / 1_024)).padStart(6)} KB  ${basename(file)}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
