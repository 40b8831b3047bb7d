import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cspHash } from '../report/content-policy.ts';
import type { PageAssets } from '../report/report-page.ts';

/** What the reports of a run are made of. */
export interface ReportAssets {
  /** Of Cucumber's own report, as its package ships it. */
  readonly script: string;
  /** What a Content-Security-Policy calls the script. */
  readonly scriptHash: string;
  readonly styles: string;
  /** A data URL. */
  readonly icon: string;
  /** Of our page. */
  readonly page: PageAssets;
  /** Of the page of an environment's last runs. */
  readonly history: PageAssets;
}

/** A file that a bundle needs in the folder `reportAssetsFolder` beside it. */
export interface ReportAssetFile {
  readonly name: string;
  readonly content: string;
  /** Absolute paths of what it is made from. */
  readonly inputs: readonly string[];
}

/** The folder beside a bundle that the build writes `reportAssetFiles` to. */
export const reportAssetsFolder = 'report-assets';

const packageFiles = { script: 'main.js', styles: 'main.css', icon: 'src/icon.url' };

/** Each needs only those before it. */
const historyModules = ['dom', 'history'];
const pageModules = ['dom', 'data', 'choice', 'windows', 'files', 'attempts', 'items', 'list', 'filters', 'page'];

/** The package's folder: its entry is dist/src/index.js. */
const packageFolder = (): string => {
  try {
    return fileURLToPath(new URL('../', import.meta.resolve('@cucumber/html-formatter')));
  } catch (cause) {
    throw new Error(
      `The report has no script: there is neither a folder ${reportAssetsFolder} beside the bundle nor the package @cucumber/html-formatter`,
      { cause },
    );
  }
};

/**
 * The page's modules as one script, which stands in the page itself: a module there could import nothing. Their names are
 * told apart by hand, so that they can share one scope.
 */
const joined = (modules: readonly string[]): string =>
  `(() => {\n'use strict';\n${modules.map((module) => module.replace(/^import [^;]*;\n/gm, '').replace(/^export /gm, '')).join('\n')}})();\n`;

/** Which files a bundle needs, made from where they are now. */
export const reportAssetFiles = async (): Promise<readonly ReportAssetFile[]> => {
  const folder = packageFolder();
  const ofPage = (name: string): string => fileURLToPath(new URL(`../report/page/${name}`, import.meta.url));
  const filed = async (name: string, inputs: readonly string[], made: (texts: readonly string[]) => string): Promise<ReportAssetFile> => ({
    name,
    content: made(await Promise.all(inputs.map((file) => readFile(file, 'utf8')))),
    inputs,
  });
  const scripts = { 'page-script': pageModules, 'history-script': historyModules };
  const styles = { 'page-styles': ['report.css'], 'history-styles': ['report.css', 'history.css'] };
  return await Promise.all([
    ...Object.entries(scripts).map(([name, modules]) =>
      filed(
        name,
        modules.map((module) => ofPage(`${module}.js`)),
        joined,
      ),
    ),
    ...Object.entries(styles).map(([name, files]) => filed(name, files.map(ofPage), (texts) => texts.join('\n'))),
    ...Object.entries(packageFiles).map(([name, file]) => filed(name, [join(folder, file)], (texts) => texts.join(''))),
  ]);
};

let kept: Promise<ReportAssets> | undefined;

/**
 * What a report is made of: from beside the bundle, or, when nothing was bundled, from where the build would take it. It is a
 * megabyte, the same in each report that a function makes, so it is read once.
 */
export const readReportAssets = (): Promise<ReportAssets> => {
  kept ??= readAll().catch((error: unknown) => {
    kept = undefined;
    throw error;
  });
  return kept;
};

const readAll = async (): Promise<ReportAssets> => {
  const beside = fileURLToPath(new URL(`./${reportAssetsFolder}/`, import.meta.url));
  const read = existsSync(beside) ? (name: string) => readFile(join(beside, name), 'utf8') : await unbundled();
  const [script, styles, icon] = await Promise.all([read('script'), read('styles'), read('icon')]);
  const pageAssets = async (name: string): Promise<PageAssets> => ({
    script: await read(`${name}-script`),
    styles: await read(`${name}-styles`),
  });
  return {
    script,
    scriptHash: cspHash(script),
    styles,
    icon: icon.trim(),
    page: await pageAssets('page'),
    history: await pageAssets('history'),
  };
};

const unbundled = async (): Promise<(name: string) => Promise<string>> => {
  const contents = new Map((await reportAssetFiles()).map(({ name, content }) => [name, content]));
  return async (name) => contents.get(name) ?? '';
};
