import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { renderReport } from '../../app/report.ts';
import { readReportAssets } from '../../app/report-assets.ts';
import { junitXml } from '../../outcome/junit.ts';
import { problemOf } from '../../outcome/problem.ts';
import { type JudgedFiles, messagesIn } from './judge-files.ts';
import type { MessageFile } from './message-file.ts';

/** @throws a sentence when the file can't be written */
async function write(path: string, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(pieces), createWriteStream(path));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new Error(`${path} cannot be written: ${message}.`, { cause });
  }
}

/** Where a suite's runner leaves attachments: beside the messages, or in a folder there. */
const placesOf = (files: readonly MessageFile[], name: string): readonly string[] =>
  files.map((file) => dirname(file.name)).flatMap((dir) => [join(dir, 'attachments', name), join(dir, name)]);

async function firstThere(paths: readonly string[]): Promise<{ readonly path: string; readonly size: number } | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return { path, size: found.size };
  }
  return undefined;
}

/** Writes Cucumber's own report. */
export async function writeHtml(path: string, files: readonly MessageFile[], { outcome }: JudgedFiles): Promise<void> {
  const notice = problemOf(outcome);
  const report = renderReport(messagesIn(files, 'everything'), {
    title: files.map(({ name }) => (name === '-' ? 'standard input' : name)).join(', '),
    ...(notice !== undefined && { notice }),
    assets: await readReportAssets(),
    fetchAttachment: async (name, mostBytes) => {
      const found = await firstThere(placesOf(files, name));
      if (found === undefined) return undefined;
      return found.size > mostBytes ? 'too large' : await readFile(found.path);
    },
    linkTo: (name) => relative(dirname(path), placesOf(files, name)[0] ?? name),
  });
  await write(path, report);
}

/** Writes JUnit XML. */
export async function writeJunit(path: string, { outcome, scenarios }: JudgedFiles): Promise<void> {
  await write(path, junitXml({ name: 'Cucumber', outcome, scenarios }));
}
