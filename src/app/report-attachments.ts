import { type Attachment, type Envelope } from '@cucumber/messages';

export interface StoredAttachments {
  /** The attachment's bytes, or undefined when there is none of that name. */
  readonly fetchAttachment: (name: string) => Promise<Uint8Array | undefined>;
  /** The attachment's address for as long as the report lives. */
  readonly linkTo: (name: string) => string;
  /** At most so many bytes of attachments become part of the page. Absent: 8 MiB. */
  readonly inlineBytes?: number;
}

/** What the page can show in place; a video or an archive is better left where it is. */
const isShown = (mediaType: string): boolean => /^(?:image\/|text\/|application\/json)/.test(mediaType);

const storedName = /^attachments\/([\w-][\w.-]*)$/;

const withBody = ({ url: _, ...attachment }: Attachment, body: Pick<Attachment, 'body' | 'contentEncoding' | 'mediaType'>): Attachment => ({
  ...attachment,
  ...body,
});

const asText = (attachment: Attachment, body: string, mediaType: string): Attachment =>
  withBody(attachment, { body, contentEncoding: 'IDENTITY' as Attachment['contentEncoding'], mediaType });

const asLink = (attachment: Attachment, address: string): Attachment => asText(attachment, address, 'text/uri-list');
