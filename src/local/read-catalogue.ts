import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ColdStartSettings } from '../coldstart/settings.ts';
import { complaintText } from '../config.ts';
import { parseCatalogue } from '../config-file.ts';
import type { Catalogue } from '../run/catalogue.ts';
import type { CiSettings } from '../run/ci.ts';

/** What coldframe.yml says. */
export interface ColdframeFile {
  readonly catalogue: Catalogue;
  readonly coldStarts?: ColdStartSettings;
  readonly ci?: CiSettings;
}

/**
 * The catalogue of this folder's coldframe.yml.
 *
 * @throws with every complaint about it, one in a line
 */
export async function readCatalogue(path?: string): Promise<Catalogue> {
  return (await readColdframeFile(path)).catalogue;
}

/**
 * All of this folder's coldframe.yml.
 *
 * @throws with every complaint about it, one in a line
 */
export async function readColdframeFile(path = fileURLToPath(new URL('../../coldframe.yml', import.meta.url))): Promise<ColdframeFile> {
  const parsed = parseCatalogue(await readFile(path, 'utf8'), path.slice(path.lastIndexOf('/') + 1));
  if (parsed.kind === 'invalid') throw new Error(parsed.complaints.map(complaintText).join('\n'));
  return parsed;
}
