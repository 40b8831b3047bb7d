import { cut, plainText } from '../outcome/error-text.ts';
import { type Fields, text } from '../outcome/fields.ts';
import { type Budget, takeFrom } from './budget.ts';
import type { FileDetails } from './scenario-details.ts';

/** Where attachments lead, and how much of them the page itself may hold. */
export interface FilePlaces {
  /** The absolute address of an attachment that was stored beside its messages, by its `url` in them; undefined when we know none. */
  readonly addressOf: (url: string) => string | undefined;
  readonly budget: Budget;
  /** Whether the page may show stored pictures, or only lead to them; absent: it may. */
  readonly showsStored?: boolean;
}

const longestText = 20_000;

const isPicture = (mediaType: string): boolean => /^image\/(?:png|jpe?g|gif|webp|svg\+xml)$/.test(mediaType);
const isText = (mediaType: string): boolean => /^text\/|[/+](?:json|xml|yaml|javascript|x-ndjson)\b/.test(mediaType);

const storedAt = (
  href: string,
  { mediaType, name, isShown }: { readonly mediaType: string; readonly name: string; readonly isShown: boolean },
): FileDetails =>
  // A drawing may load things of its own: it is a download, as our endpoint has it.
  isShown && isPicture(mediaType) && !mediaType.includes('svg')
    ? { kind: 'picture', src: href, name }
    : { kind: 'link', href, name, isDownload: true };

const elsewhere = (url: string, name: string): FileDetails =>
  /^https?:\/\//i.test(url) ? { kind: 'link', href: url, name: name || url } : { kind: 'note', text: cut(url, 500) };

const decoded = (body: string, contentEncoding: unknown): string =>
  contentEncoding === 'BASE64' ? new TextDecoder().decode(Buffer.from(body, 'base64')) : body;

const inPlace = (body: string, { contentEncoding }: Fields, mediaType: string, name: string): FileDetails => {
  const base64 = contentEncoding === 'BASE64' ? body.replace(/[^\w+/=]/g, '') : Buffer.from(body).toString('base64');
  const address = `data:${mediaType};base64,${base64}`;
  return isPicture(mediaType) ? { kind: 'picture', src: address, name } : { kind: 'link', href: address, name, isDownload: true };
};

const addresses = (body: string): readonly FileDetails[] =>
  body
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .slice(0, 50)
    .map((line) => elsewhere(plainText(line.trim()), ''));

/** The media type if it can stand in an address; it is the suite's word. */
const safeType = (mediaType: unknown): string => {
  const type = (text(mediaType) ?? '').toLowerCase().split(';')[0]?.trim() ?? '';
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : 'application/octet-stream';
};

const nameOf = ({ fileName }: Fields): string => cut(plainText(text(fileName) ?? '').replace(/\s+/g, ' '), 120);

/** What a person gets to see of an `attachment` message. */
export const readFiles = (attachment: Fields, { addressOf, budget, showsStored = true }: FilePlaces): readonly FileDetails[] => {
  const mediaType = safeType(attachment.mediaType);
  const url = text(attachment.url);
  const name = nameOf(attachment);
  if (url !== undefined) {
    const address = addressOf(url);
    if (address !== undefined) return [storedAt(address, { mediaType, name: name || (url.split('/').at(-1) ?? ''), isShown: showsStored })];
    return [elsewhere(plainText(url), name)];
  }
  const body = text(attachment.body) ?? '';
  if (mediaType === 'text/uri-list') return addresses(decoded(body, attachment.contentEncoding));
  if (isText(mediaType)) {
    const said = cut(plainText(decoded(body, attachment.contentEncoding)), longestText);
    return [{ kind: 'text', text: said, name }];
  }
  if (takeFrom(budget, body.length)) return [inPlace(body, attachment, mediaType, name || mediaType)];
  return [{ kind: 'note', text: `${name || mediaType}: there is no room for it on this page; the messages have it.` }];
};
