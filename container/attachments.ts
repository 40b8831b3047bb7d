import { isUtf8 } from 'node:buffer';
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
function bytesOf({ body, contentEncoding, mediaType }: Attachment, mask: Mask): Buffer {
  if (contentEncoding !== 'BASE64') return Buffer.from(mask.text(body));
  const bytes = Buffer.from(body, 'base64');
  const encoding = textEncodingOf(bytes, mediaType);
  if (encoding === undefined) return bytes;
  const text = bytes.toString(encoding);
  const masked = mask.text(text);
  // What has no secret stays as it is, to the byte.
  return masked === text ? bytes : Buffer.from(masked, encoding);
}

/** How the bytes are to be read as text, whatever their media type says: `application/octet-stream` may be a log. */
function textEncodingOf(bytes: Buffer, mediaType: string): BufferEncoding | undefined {
  if (isPicture(mediaType) && !isText(mediaType)) return undefined;
  if (isUtf8(bytes)) return 'utf8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le';
  return isText(mediaType) ? 'latin1' : undefined;
}

const isPicture = (mediaType: string): boolean => /^(?:image|video|audio)\//i.test(mediaType);

const isApart = (mediaType: string, bytes: Buffer): boolean => isPicture(mediaType) || bytes.length > maxInlineBytes;

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
