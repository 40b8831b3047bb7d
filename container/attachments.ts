import { createHash } from 'node:crypto';
import type { Attachment } from '@cucumber/messages';
import type { Mask } from './mask.ts';

/** A file that was inside a message. */
export interface AttachedFile {
  /** File name of its object. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Text up to this size stays inside its message: a log line is no object of its own. */
const maxInlineBytes = 4 * 1024;

/** What a suite attached is evidence for people. Beyond this it is left out, and said so in its place. */
export const maxFileBytes = 32 * 1024 * 1024;

/**
 * The attachment as it goes into the messages, and its file when that is kept apart: every picture and film, and whatever
 * is large, so that 700 screenshots don't make a stream of 175 MB. The file's attachment has `url` and an empty `body`.
 */
export function detach(attachment: Attachment, mask: Mask): { attachment: Attachment; file?: AttachedFile } {
  const bytes = bytesOf(attachment, mask);
  if (!isApart(attachment.mediaType, bytes)) return { attachment: withBody(attachment, bytes) };
  if (bytes.length > maxFileBytes) return { attachment: leftOut(attachment, bytes.length) };
  const contentType = safeContentType(attachment.mediaType);
  const digest = createHash('sha256').update(contentType).update('\0').update(bytes).digest('hex');
  const name = `${digest.slice(0, 32)}.${extensionOf(contentType)}`;
  return { attachment: { ...attachment, body: '', url: `attachments/${name}` }, file: { name, contentType, bytes } };
}

/** The attachment's content, masked when it is text. A secret inside a picture or an archive is not seen. */
function bytesOf(attachment: Attachment, mask: Mask): Buffer {
  if (attachment.contentEncoding !== 'BASE64') return Buffer.from(mask.text(attachment.body));
  const bytes = Buffer.from(attachment.body, 'base64');
  return isText(attachment.mediaType) ? Buffer.from(mask.text(bytes.toString('utf8'))) : bytes;
}

const isApart = (mediaType: string, bytes: Buffer): boolean => /^(?:image|video|audio)\//i.test(mediaType) || bytes.length > maxInlineBytes;

/** Text that somebody attached as bytes is masked too, so its encoding is written again. */
function withBody(attachment: Attachment, bytes: Buffer): Attachment {
  const body = bytes.toString(attachment.contentEncoding === 'BASE64' ? 'base64' : 'utf8');
  return body === attachment.body ? attachment : { ...attachment, body };
}

/** A note in the place of an attachment that is too large. */
export function leftOut(attachment: Attachment, sizeBytes: number): Attachment {
  const megabytes = (size: number) => `${Math.round(size / 1024 / 1024)} MB`;
  const body = `An attachment (${safeContentType(attachment.mediaType)}) of ${megabytes(sizeBytes)} was left out: the limit is ${megabytes(maxFileBytes)}.`;
  return { ...attachment, body, mediaType: 'text/plain', contentEncoding: 'IDENTITY' as Attachment['contentEncoding'] };
}

const isText = (mediaType: string): boolean => /^text\/|[/+](?:json|xml|yaml|javascript|x-www-form-urlencoded|x-ndjson)\b/i.test(mediaType);

/** The media type if it can stand in an HTTP header; it is the suite's word. */
function safeContentType(mediaType: string): string {
  return /^[\w!#$&^.+-]{1,60}\/[\w!#$&^.+-]{1,60}(?:; ?charset=[\w-]{1,20})?$/.test(mediaType) ? mediaType : 'application/octet-stream';
}

const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/x.cucumber.log+plain': 'txt',
  'application/json': 'json',
  'application/zip': 'zip',
  'application/pdf': 'pdf',
};

const extensionOf = (contentType: string): string => extensions[contentType.split(';')[0] ?? ''] ?? 'bin';
