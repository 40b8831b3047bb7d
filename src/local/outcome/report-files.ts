import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Attachment, Envelope } from '@cucumber/messages';
import { readReportAssets } from '../../app/report-assets.ts';
import { attachmentName } from '../../outcome/attachment-name.ts';
import { junitXml } from '../../outcome/junit.ts';
import { budgetOf, takeFrom } from '../../report/budget.ts';
import { emptyDetails } from '../../report/details-state.ts';
import { notesOf } from '../../report/notes.ts';
import { observeDetails } from '../../report/observe-details.ts';
import { reportPage } from '../../report/report-page.ts';
import { scenariosOf } from '../../report/scenarios.ts';
import { type JudgedFiles, linesIn } from './judge-files.ts';
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

/** Pictures may become so much of the page; others are links to their files. */
const mostInlineBytes = 8 * 1024 * 1024;

const nameOf = ({ name }: MessageFile): string => (name === '-' ? 'standard input' : basename(name));

/** A page may not load pictures from beside it, wherever it is moved to: they become part of their messages while there is room. */
function pictureInliner(files: readonly MessageFile[]): (envelope: Envelope) => Promise<Envelope> {
  const budget = budgetOf(mostInlineBytes);
  return async (envelope) => {
    const { attachment } = envelope;
    const name = attachmentName(attachment?.url);
    if (attachment === undefined || name === undefined || !attachment.mediaType.startsWith('image/')) return envelope;
    const found = await firstThere(placesOf(files, name));
    if (found === undefined || !takeFrom(budget, found.size)) return envelope;
    const { url: _, ...rest } = attachment;
    const body = (await readFile(found.path)).toString('base64');
    return { attachment: { ...rest, body, contentEncoding: 'BASE64' as Attachment['contentEncoding'] } };
  };
}

/** Writes the report page: one file, with the pictures in it that there is room for. */
export async function writeHtml(path: string, files: readonly MessageFile[], { outcome }: JudgedFiles): Promise<void> {
  const addressOf = (url: string): string | undefined => {
    const name = attachmentName(url);
    return name === undefined ? undefined : relative(dirname(path), placesOf(files, name)[0] ?? name);
  };
  const details = emptyDetails({ addressOf, showsStored: false, budget: budgetOf(mostInlineBytes) });
  const inline = pictureInliner(files);
  for await (const lines of linesIn(files)) for (const line of lines) observeDetails(details, await inline(JSON.parse(line)));
  const name = files.map(nameOf).join(', ');
  const shown = scenariosOf(details, outcome);
  const { page: assets } = await readReportAssets();
  const shards = files.length > 1 ? [{ label: 'Shards', value: String(files.length) }] : [];
  const facts = [{ label: 'Messages', value: name }, ...shards];
  await write(path, reportPage({ name, outcome, facts, links: [], notes: notesOf(shown), scenarios: shown, assets, pictureOrigins: [] }));
}

/** Writes JUnit XML. */
export async function writeJunit(path: string, { outcome, scenarios }: JudgedFiles): Promise<void> {
  await write(path, junitXml({ name: 'Cucumber', outcome, scenarios }));
}
