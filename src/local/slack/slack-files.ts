import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Incoming, Outgoing } from '../wire/http-server.ts';
import type { OfferedBlock } from './block-kit.ts';
import type { Problem } from './json-shape.ts';

/** A file of the workspace: asked for, then uploaded, then completed. Nothing of one that was not completed is kept. */
export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly type: 'png' | 'jpg' | 'gif' | 'other';
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly created: number;
}

/** The files that the app uploads, and their use in blocks. */
export interface SlackFiles {
  /** Makes room for a file of so many bytes; gives its id and the path that takes them. */
  begin(file: { readonly name: string; readonly sizeBytes: number }): { readonly id: string; readonly path: string };
  /** What the upload of a file's bytes gets; undefined when the path is none of ours. */
  receive(request: Incoming): Outgoing | undefined;
  /** The file, now complete; undefined when there is none of that id, or its bytes have not come. */
  complete(id: string, title: string | undefined): SlackFile | undefined;
  /** What Slack would refuse of the pictures that blocks show by `slack_file`. */
  problems(blocks: readonly OfferedBlock[]): readonly Problem[];
  /** A complete file, as its `url_private` serves it. */
  read(pathname: string): { readonly file: SlackFile; readonly content: Buffer } | undefined;
  /** `/files-pri/T0COLDFRAME-F0123/chart.png` */
  privatePath(file: SlackFile): string;
}

/** What Slack says of a file that is not there, is no picture, or is not ready yet: all the same. */
export const notReady = 'invalid slack file';

interface Upload {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly path: string;
  content?: Buffer;
}

/** Keeps files in `dir`: two for each, its content and what is known of it. */
export function slackFiles(dir: string, teamId: string, nowMs: () => number): SlackFiles {
  const uploads = new Map<string, Upload>();
  /** Slack processes a picture for a moment after its upload: whoever uses it at once is refused once. */
  const inProcess = new Set<string>();

  const place = (id: string): string => join(dir, id);

  function known(id: string): SlackFile | undefined {
    const file = `${place(id)}.json`;
    return /^F[A-Z0-9]+$/.test(id) && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  }

  function take(upload: Upload, { headers, body }: Incoming): Outgoing {
    const content = contentOf(headers['content-type'] ?? '', body);
    if (upload.content !== undefined) return said(400, 'the file has been uploaded already');
    if (content.length !== upload.sizeBytes)
      return said(400, `${content.length} bytes came, and \`length\` had announced ${upload.sizeBytes}`);
    upload.content = content;
    return said(200, `OK - ${content.length}`);
  }

  function problemOf(block: OfferedBlock, index: number): readonly Problem[] {
    if (block.type !== 'image' || !('slack_file' in block)) return [];
    const pointer = `/blocks/${index}/slack_file`;
    const file = known(idOf(block.slack_file));
    if (file === undefined) return [{ pointer, because: `${notReady}: the local Slack has no complete file ${idOf(block.slack_file)}` }];
    if (file.type === 'other') return [{ pointer, because: `${notReady}: ${file.name} is no png, jpg or gif` }];
    return inProcess.delete(file.id) ? [{ pointer, because: notReady }] : [];
  }

  return {
    begin: ({ name, sizeBytes }) => {
      const id = `F0${randomBytes(5).toString('hex').toUpperCase()}`;
      const path = `/upload/v1/${randomBytes(24).toString('base64url')}`;
      uploads.set(path, { id, name, sizeBytes, path });
      return { id, path };
    },

    receive: (request) => {
      const { pathname } = request.url;
      if (!pathname.startsWith('/upload/v1/')) return undefined;
      if (request.method !== 'POST') return said(405, 'files are uploaded by POST');
      const upload = uploads.get(pathname);
      return upload === undefined ? said(404, 'no file is expected here') : take(upload, request);
    },

    complete: (id, title) => {
      const upload = [...uploads.values()].find((one) => one.id === id);
      if (upload?.content === undefined) return known(id);
      const { name, content, path } = upload;
      const file: SlackFile = {
        id,
        name,
        title: title ?? name,
        type: typeOf(content),
        sizeBytes: content.length,
        created: Math.floor(nowMs() / 1_000),
      };
      mkdirSync(dir, { recursive: true });
      writeFileSync(place(id), content);
      // Last, so that what is known is all there.
      writeFileSync(`${place(id)}.json`, JSON.stringify(file));
      uploads.delete(path);
      inProcess.add(id);
      return file;
    },

    problems: (blocks) => blocks.flatMap(problemOf),

    read: (pathname) => {
      const file = known(idIn(pathname));
      return file === undefined ? undefined : { file, content: readFileSync(place(file.id)) };
    },

    privatePath: ({ id, name }) => `/files-pri/${teamId}-${id}/${encodeURIComponent(name.toLowerCase())}`,
  };
}

/** Where blocks show files, as pointers. */
export const filesIn = (blocks: readonly OfferedBlock[]): readonly string[] =>
  blocks.flatMap((block, index) => (block.type === 'image' && 'slack_file' in block ? [`/blocks/${index}/slack_file`] : []));

const said = (status: number, body: string): Outgoing => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });

/** The id in a file's `url_private`; empty when there is none. */
const idIn = (url: string): string => /\/files-pri\/\w+-(F[A-Z0-9]+)\//.exec(url)?.[1] ?? '';

/** The file that a `slack_file` names, by its id or its address. */
export const idOf = (given: { readonly id: string } | { readonly url: string }): string => ('id' in given ? given.id : idIn(given.url));

/** The bytes of an upload, which may come as they are or as the one file of a form. */
function contentOf(type: string, body: Buffer): Buffer {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) return body;
  const start = body.indexOf('\r\n\r\n');
  const end = body.lastIndexOf(`\r\n--${boundary}`);
  return start === -1 || end < start ? Buffer.alloc(0) : body.subarray(start + 4, end);
}

/** What the content is by its first bytes: Slack does not believe the name either. */
function typeOf(content: Buffer): SlackFile['type'] {
  const starts = (hex: string): boolean => content.subarray(0, hex.length / 2).toString('hex') === hex;
  if (starts('89504e470d0a1a0a')) return 'png';
  if (starts('ffd8ff')) return 'jpg';
  return starts('47494638') ? 'gif' : 'other';
}
