/** What is written of a run when it has ended: its report, and what stands beside it. Each is a file of its own. */
export const reportFiles = {
  /** The page that people open. */
  page: 'report.html',
  /** Cucumber's own report; of a large run, the list of its parts. */
  cucumber: 'cucumber.html',
  /** For tools that show results of tests. */
  junit: 'junit.xml',
  /** All messages, of all shards, gzipped. */
  messages: 'messages.ndjson.gz',
} as const;

/**
 * A part of Cucumber's own report of a large run; parts count from 1.
 *
 * @public
 */
export const cucumberPart = (number: number): string => `cucumber/${number}.html`;

const isReportFile = (file: string): boolean =>
  Object.values<string>(reportFiles).includes(file) || /^cucumber\/[1-9]\d{0,3}\.html$/.test(file);

/** `shards/2/attachments/<name>`: an attachment of a run, by its shard. */
export const attachmentPath = (shard: number, name: string): string => `shards/${shard}/attachments/${name}`;

const attachmentPattern = /^shards\/([1-9]\d{0,2})\/attachments\/([\w-][\w.-]*)$/;

/** The shard and the file's name, or undefined when the path is not an attachment's. */
export function parseAttachmentPath(path: string): { readonly shard: number; readonly name: string } | undefined {
  const [, shard, name] = attachmentPattern.exec(path) ?? [];
  return shard === undefined || name === undefined ? undefined : { shard: Number(shard), name };
}

/** What a link of ours may lead to. Only our own pages and pictures are shown: whatever else a suite attached is a download. */
export type RunFile =
  | { readonly kind: 'report'; readonly isShown: boolean }
  | { readonly kind: 'attachment'; readonly shard: number; readonly name: string; readonly isShown: boolean };

/** Which file of a run it is, or undefined when a run has no such file. */
export function parseRunFile(file: string): RunFile | undefined {
  if (isReportFile(file)) return { kind: 'report', isShown: file.endsWith('.html') };
  const attachment = parseAttachmentPath(file);
  if (attachment === undefined) return undefined;
  return { kind: 'attachment', ...attachment, isShown: /\.(?:png|jpe?g|gif|webp)$/.test(attachment.name) };
}
