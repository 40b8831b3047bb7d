import { openSync, writeFileSync } from 'node:fs';
import type { Envelope } from '@cucumber/messages';
import { leftOut, maxFileBytes } from './attachments.ts';

/** A message of more characters than this is made smaller: whoever reads it must hold all of it at once. */
const maxLineLength = 16 * 1024 * 1024;

/** What is left of a text in a message that is too large. */
const maxTextLength = 64 * 1024;

/** Writes each message, as a line, before cucumber goes on. */
export function messageWriter(file: string): (message: Envelope) => void {
  const descriptor = openSync(file, 'a');
  return (message) => {
    try {
      writeFileSync(descriptor, `${lineOf(message)}\n`);
    } catch (error) {
      // A disk that is full. Half a line is in the file, and what comes now would be checked and not counted.
      console.error(`The messages of the run cannot be written to ${file}; the run ends here.`, error);
      process.exit(1);
    }
  };
}

/** The message as JSON: exactly cucumber's, unless that would be too large to handle. */
function lineOf(message: Envelope): string {
  const { attachment } = message;
  if (attachment !== undefined) return JSON.stringify({ attachment: withinLimits(attachment) });
  const line = json(message);
  return line !== undefined && line.length <= maxLineLength ? line : JSON.stringify(message, (_, value: unknown) => shortened(value));
}

function withinLimits(attachment: NonNullable<Envelope['attachment']>): NonNullable<Envelope['attachment']> {
  const { length } = attachment.body;
  const sizeBytes = String(attachment.contentEncoding) === 'BASE64' ? Math.floor((length * 3) / 4) : length;
  // Base64 rounds up.
  return sizeBytes <= maxFileBytes + 3 ? attachment : leftOut(attachment, sizeBytes);
}

/** Undefined for what is longer than a text can be. */
function json(message: Envelope): string | undefined {
  try {
    return JSON.stringify(message);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** An assertion that compares whole pages has errors of many megabytes; nobody reads them to the end. */
function shortened(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= maxTextLength) return value;
  return `${value.slice(0, maxTextLength)}… (${Math.round(value.length / 1024 / 1024)} MB in all)`;
}
