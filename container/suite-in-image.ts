import { access, constants, cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { removeFolder } from './remove-folder.ts';
import type { FetchedSuite } from './suite-fetch.ts';

/**
 * The image's suite, where it may write beside its files as many do (reports, screenshots): its own folder or, where nobody may write
 * there, a copy. On Fargate the root filesystem is read-only.
 */
export const suiteInImage = async (folder: string): Promise<FetchedSuite> =>
  (await isReadOnly(folder)) ? await copiedSuite(folder) : { folder, discard: async () => {} };

/** A copy of a suite, but for its packages: those are the very ones of the image. */
export async function copiedSuite(folder: string): Promise<FetchedSuite> {
  const copy = await mkdtemp(join(tmpdir(), 'coldframe-suite-'));
  const discard = () => removeFolder(copy);
  try {
    const packages: string[] = [];
    const isCopied = (path: string): boolean => {
      if (basename(path) === 'node_modules') packages.push(path);
      return !['node_modules', '.git'].includes(basename(path));
    };
    await cp(folder, copy, { recursive: true, verbatimSymlinks: true, filter: isCopied });
    await Promise.all(packages.map((path) => symlink(path, join(copy, relative(folder, path)))));
    return { folder: copy, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** A folder that is not there is somebody else's complaint. */
const isReadOnly = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'EROFS' || code === 'EACCES',
  );
