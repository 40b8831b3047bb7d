import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { complaintText } from '../config.ts';
import { parseCatalogue } from '../config-file.ts';
import type { Catalogue } from '../run/catalogue.ts';

/**
 * The catalogue of this folder's coldframe.yml.
 *
 * @throws with every complaint about it, one in a line
 */
export async function readCatalogue(path = fileURLToPath(new URL('../../coldframe.yml', import.meta.url))): Promise<Catalogue> {
  const parsed = parseCatalogue(await readFile(path, 'utf8'), path.slice(path.lastIndexOf('/') + 1));
  if (parsed.kind === 'invalid') throw new Error(parsed.complaints.map(complaintText).join('\n'));
  return parsed.catalogue;
}
