import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { reportAssetFiles, reportAssetsFolder } from '../app/report-assets.ts';
import { catalogueToJson } from '../config.ts';
import { type ColdframeFile, readColdframeFile } from './read-catalogue.ts';

/** A file that was made, and its size. */
export interface Built {
  readonly file: string;
  readonly sizeBytes: number;
  /** Absolute paths of what it was made from. */
  readonly inputs: readonly string[];
}

export interface Build {
  /** Absent: dist. */
  readonly outDir?: string;
  /** Absent: this folder's coldframe.yml. */
  readonly catalogueFile?: string | undefined;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const handlers = ['http', 'worker', 'run-stopped', 'sweep'].map((name) => join(root, 'handlers', `${name}.ts`));
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
    bundle(handlers, outDir),
    bundle(container, join(outDir, 'container')),
    writeReportAssets(join(outDir, reportAssetsFolder)),
  ]);
  return made.flat();
}

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

async function bundle(entryPoints: readonly string[], outDir: string): Promise<readonly Built[]> {
  const { metafile } = await esbuild.build({
    entryPoints: [...entryPoints],
    outdir: outDir,
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
    // CommonJS packages within an ES module still ask for Node's own modules with `require`.
    banner: { js: "import { createRequire as coldframeRequire } from 'node:module'; const require = coldframeRequire(import.meta.url);" },
    alias: Object.fromEntries(leftOut.map((name) => [name, join(root, 'src/local/left-out.cjs')])),
    metafile: true,
    logLevel: 'silent',
  });
  // `(disabled):…` stands for a module that a package leaves out: there is no such file.
  const inputs = Object.keys(metafile.inputs).flatMap((input) => (input.startsWith('(') ? [] : [resolve(root, input)]));
  return Object.entries(metafile.outputs)
    .filter(([file]) => file.endsWith('.mjs'))
    .map(([file, { bytes }]) => ({ file: resolve(root, file), sizeBytes: bytes, inputs }));
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
