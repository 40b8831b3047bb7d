import { rm } from 'node:fs/promises';

/** Removes a folder of this run and what is in it, as far as that is possible. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A suite can leave what even it could not remove (a folder without rights, a path that is too long). It goes with the task,
    // and no run shall come to another end by it.
  }
}
