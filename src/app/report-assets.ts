import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What Cucumber's own report is made of, as its package ships it. */
export interface ReportAssets {
  readonly script: string;
  readonly styles: string;
  /** A data URL. */
  readonly icon: string;
}

/** The folder beside a bundle that the build copies `reportAssetFiles` to. */
export const reportAssetsFolder = 'report-assets';

const packageFiles = { script: 'main.js', styles: 'main.css', icon: 'src/icon.url' };

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

/** Which files a bundle needs in the folder `reportAssetsFolder` beside it: where they are now, and their names there. */
export const reportAssetFiles = (): readonly { readonly from: string; readonly name: string }[] =>
  Object.entries(packageFiles).map(([name, file]) => ({ from: join(packageFolder(), file), name }));

/** Reads what a report is made of: from beside the bundle, or, when nothing was bundled, from the package. */
export const readReportAssets = async (): Promise<ReportAssets> => {
  const beside = fileURLToPath(new URL(`./${reportAssetsFolder}/`, import.meta.url));
  const isBundled = existsSync(beside);
  const read = (name: keyof ReportAssets): Promise<string> =>
    readFile(isBundled ? join(beside, name) : join(packageFolder(), packageFiles[name]), 'utf8');
  const [script, styles, icon] = await Promise.all([read('script'), read('styles'), read('icon')]);
  return { script, styles, icon: icon.trim() };
};

/** What a Content-Security-Policy calls this script or style. */
export const cspHash = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
