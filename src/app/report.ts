import type { Envelope } from '@cucumber/messages';
import { cspHash } from '../report/content-policy.ts';
import { escapeHtml, escapeJson } from '../report/html.ts';
import type { ReportAssets } from './report-assets.ts';
import { attachmentInliner, type StoredAttachments } from './report-attachments.ts';

export interface Report extends StoredAttachments {
  /** What it is the report of. */
  readonly title: string;
  /** What the page itself can't tell, shown above it: a feature file that could not be parsed, a run that was cut off. */
  readonly notice?: string;
  /** From `readReportAssets`. */
  readonly assets: ReportAssets;
}

/** Cucumber's script looks for its messages here. */
const loadMessages = "window.CUCUMBER_MESSAGES = JSON.parse(document.getElementById('messages').textContent);";

/** Nothing runs but these two scripts, whatever stands in a test's name, error or attachment; and nothing is loaded. */
const policyOf = ({ scriptHash }: ReportAssets): string =>
  [
    "default-src 'none'",
    `script-src ${cspHash(loadMessages)} ${scriptHash}`,
    // The script brings styles of its own. Styles alone can do no harm where nothing can be loaded.
    "style-src 'unsafe-inline'",
    'img-src data:',
    'media-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const noticeOf = (notice: string | undefined): string =>
  notice === undefined
    ? ''
    : `<p role="note" style="margin:0;padding:1em;background:#fff3cd;color:#222;white-space:pre-wrap">${escapeHtml(notice)}</p>\n`;

const headOf = ({ title, notice, assets }: Report): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policyOf(assets))}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>${escapeHtml(`${title}: Cucumber report`)}</title>
<link rel="icon" href="${escapeHtml(assets.icon)}">
<style>${assets.styles}</style>
</head>
<body>
${noticeOf(notice)}<div id="content"></div>
<noscript>This report is shown by a script: allow it, or read the messages themselves.</noscript>
<script type="application/json" id="messages">[`;

const tailOf = ({ assets }: Report): string => `]</script>
<script>${loadMessages}</script>
<script>${assets.script}</script>
</body>
</html>
`;

/**
 * Cucumber's own HTML report of a run, in pieces: one page that needs nothing else, from messages that may be cut off at
 * any place.
 *
 * It is the page that @cucumber/html-formatter writes, with its script and styles, but not its stream: that has a fixed
 * title, reads its template from beside its own source file, and puts the messages into a script, which no
 * Content-Security-Policy at the top of a stream can know the hash of. Here they are data.
 */
export async function* renderReport(envelopes: AsyncIterable<Envelope> | Iterable<Envelope>, report: Report): AsyncGenerator<string> {
  const complete = attachmentInliner(report);
  yield headOf(report);
  let separator = '';
  for await (const envelope of envelopes) {
    yield separator + escapeJson(JSON.stringify(await complete(envelope)));
    separator = ',\n';
  }
  yield tailOf(report);
}
