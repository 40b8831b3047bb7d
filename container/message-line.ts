import type { Envelope } from '@cucumber/messages';
import { type AttachedFile, detach } from './attachments.ts';
import type { Mask } from './mask.ts';

/** One of cucumber's messages as it may leave the container. */
export interface MessageLine {
  /** JSON without a line's end; exactly cucumber's own where there was nothing to hide or to take out. */
  readonly line: string;
  readonly envelope: Envelope;
  /** What was taken out of it. */
  readonly file?: AttachedFile;
}

/**
 * A line of cucumber's messages without secrets and without files, or undefined for a line that is no message: one that
 * was cut off, or written into the file by somebody else.
 */
export function readMessage(raw: string, mask: Mask): MessageLine | undefined {
  const parsed = parseEnvelope(raw);
  if (parsed === undefined || !hasReadableAttachment(parsed)) return undefined;
  const masked = withoutSecrets(parsed, mask) as Envelope;
  if (masked.attachment === undefined) return { line: masked === parsed ? raw : JSON.stringify(masked), envelope: masked };
  const { attachment, file } = detach(masked.attachment, mask);
  const isAsItWas = masked === parsed && attachment === masked.attachment;
  const envelope = isAsItWas ? parsed : { ...masked, attachment };
  return { line: isAsItWas ? raw : JSON.stringify(envelope), envelope, ...(file && { file }) };
}

/** What is taken apart must be what it says; everything else is for whoever judges to make sense of. */
function hasReadableAttachment({ attachment }: Envelope): boolean {
  return attachment === undefined || (typeof attachment?.body === 'string' && typeof attachment.mediaType === 'string');
}

function parseEnvelope(raw: string): Envelope | undefined {
  try {
    const json: unknown = JSON.parse(raw);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    // the process was killed while it wrote: whoever judges sees that the messages don't end
    return undefined;
  }
}

/** What the protocol needs as it is: were an account called `PASSED`, every verdict would read `***`. */
const protocol = /^(?:id|.*Ids?|status|uri|mediaType|contentEncoding|keyword|keywordType|language|type|timestamp)$/;

/** `detach` masks an attachment's body: it may be base64. */
const isLeftAlone = (key: string): boolean => key === 'body' || protocol.test(key);

/** The same value if there is nothing to hide in it, else a copy. */
function withoutSecrets(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (typeof value !== 'object' || value === null) return value;
  let isChanged = false;
  const copy = Object.entries(value).map(([key, inner]) => {
    const masked = isLeftAlone(key) ? inner : withoutSecrets(inner, mask);
    isChanged ||= masked !== inner;
    return [key, masked] as const;
  });
  if (!isChanged) return value;
  return Array.isArray(value) ? copy.map(([, inner]) => inner) : Object.fromEntries(copy);
}
