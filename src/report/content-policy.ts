import { createHash } from 'node:crypto';

/** What a Content-Security-Policy calls this script or style. */
export const cspHash = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;

/**
 * Nothing runs but this script, whatever stands in a test's name, error or attachment, and nothing is loaded but pictures.
 *
 * @param pictureOrigins where they come from: our endpoint, and the store that it redirects to
 */
export const contentPolicy = (
  { script, styles }: { readonly script: string; readonly styles: string },
  pictureOrigins: readonly string[],
): string =>
  [
    "default-src 'none'",
    `script-src ${cspHash(script)}`,
    `style-src ${cspHash(styles)}`,
    `img-src ${['data:', ...pictureOrigins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
