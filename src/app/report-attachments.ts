import type { Attachment, Envelope } from '@cucumber/messages';
import { attachmentName } from '../outcome/attachment-name.ts';
import { parseAttachmentPath } from '../run/report-file.ts';

/** Where the attachments are that a run's messages name. */
export interface StoredAttachments {
  /** `name`: a file's name, or its path in the run. The attachment's bytes, `too large` when there are more than `mostBytes`, or undefined when there is none of that name. */
  readonly fetchAttachment: (name: string, mostBytes: number) => Promise<Uint8Array | 'too large' | undefined>;
  /** The attachment's absolute address, good for as long as the report is. */
  readonly linkTo: (name: string) => string;
  /** At most so many bytes of attachments become part of the page. Absent: 8 MiB. */
  readonly mostInlineBytes?: number;
}

/** What the page can show in place. A film, an archive or a whole web page is better left where it is. */
const isShown = (mediaType: string): boolean => /^(?:image\/|text\/(?!html\b)|application\/json\b)/i.test(mediaType);

/** The enums of @cucumber/messages are types to us: only their values go over the wire. */
const encoding = (value: 'IDENTITY' | 'BASE64') => value as Attachment['contentEncoding'];

const inPlace = ({ url: _, ...attachment }: Attachment, bytes: Uint8Array): Attachment => ({
  ...attachment,
  body: Buffer.from(bytes).toString('base64'),
  contentEncoding: encoding('BASE64'),
});

/** The attachment as a list of addresses, or as a sentence. */
const asText = ({ url: _, ...attachment }: Attachment, body: string, mediaType: 'text/uri-list' | 'text/plain'): Attachment => ({
  ...attachment,
  body,
  mediaType,
  contentEncoding: encoding('IDENTITY'),
});

/**
 * Makes messages complete in themselves: a stored attachment becomes part of its message while there is room, afterwards
 * a link. The page is opened at a pre-signed address, where a relative one leads nowhere.
 */
export const attachmentInliner = ({ fetchAttachment, linkTo, mostInlineBytes = 8 * 1024 * 1024 }: StoredAttachments) => {
  let left = mostInlineBytes;

  const withContent = async (attachment: Attachment): Promise<Attachment> => {
    const { url, mediaType } = attachment;
    if (url === undefined) return attachment;
    const name = parseAttachmentPath(url) === undefined ? attachmentName(url) : url;
    if (name === undefined)
      return /^https?:\/\//i.test(url) ? asText(attachment, url, 'text/uri-list') : asText(attachment, url, 'text/plain');
    if (left <= 0 || !isShown(mediaType)) return asText(attachment, linkTo(name), 'text/uri-list');
    const bytes = await fetchAttachment(name, left);
    if (bytes === undefined)
      return asText(attachment, `This attachment (${name}) was not stored: the container went away before.`, 'text/plain');
    if (bytes !== 'too large' && bytes.length <= left) {
      left -= bytes.length;
      return inPlace(attachment, bytes);
    }
    // The first that finds no room is the last that is fetched: the others would be fetched for nothing.
    left = 0;
    return asText(attachment, linkTo(name), 'text/uri-list');
  };

  return async (envelope: Envelope): Promise<Envelope> =>
    envelope.attachment === undefined ? envelope : { ...envelope, attachment: await withContent(envelope.attachment) };
};
