import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Build, Built } from './build.ts';

/** Files as they were when something was made of them or from them. */
type Stamps = Readonly<Record<string, string>>;

/** Whoever changes how it is built, or with what, has it built anew. */
const builders = ['./build.ts', './bundle-plugins.ts', './kept-build.ts', '../../package-lock.json'].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

/** So far may a file's time be behind the clock, at most: Linux takes it from a clock that goes in steps of up to ten milliseconds. */
const clockStepMs = 100;

/**
 * Makes `outDir` as `build` does, unless what is there was made from the very files that are there now.
 *
 * @throws as `build` does
 */
export async function keptBuild(outDir: string, make: Make = buildOnce): Promise<void> {
  const stampFile = join(outDir, 'build-stamp.json');
  if (await isUpToDate(stampFile)) return;
  const before = await stampsOf(builders);
  const startedMs = Date.now();
  const built = await make({ outDir });
  const inputs = [...new Set(built.flatMap((one) => one.inputs))];
  // Who saves a file while it is being built from has it built again.
  const isSettled = (await Promise.all(inputs.map((file) => stat(file)))).every(({ mtimeMs }) => mtimeMs < startedMs - clockStepMs);
  if (!isSettled) return;
  await writeFile(stampFile, JSON.stringify({ ...before, ...(await stampsOf([...inputs, ...built.map(({ file }) => file)])) }));
}

/** What makes it: `build`, and nothing of it stays. */
type Make = (options: Build) => Promise<readonly Built[]>;

async function buildOnce(options: Build): Promise<readonly Built[]> {
  // esbuild is large: it is loaded when there is something to build.
  const { build, stopBundler } = await import('./build.ts');
  return await build(options).finally(stopBundler);
}

async function isUpToDate(stampFile: string): Promise<boolean> {
  try {
    const kept: Stamps = JSON.parse(await readFile(stampFile, 'utf8'));
    const now = await stampsOf(Object.keys(kept));
    return Object.entries(kept).every(([file, stamp]) => now[file] === stamp);
  } catch {
    // no stamp, a stamp that was cut off, or a file that is gone: all mean that it is to be built
    return false;
  }
}

const stampsOf = async (files: readonly string[]): Promise<Stamps> =>
  Object.fromEntries(
    await Promise.all(
      files.map(async (file) => {
        const { mtimeMs, size } = await stat(file);
        return [file, `${mtimeMs} ${size}`] as const;
      }),
    ),
  );
