import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link of ours leads to. */
export interface Linked {
  readonly environment: string;
  readonly runId: string;
  /** `report.html`, `shards/1/attachments/<name>`, …: `report-file.ts` has them all. */
  readonly file: string;
}

/** What makes our links ours: whoever has a link may read that one file, for as long as it exists. */
export interface LinkKey {
  readonly stage: string;
  readonly secret: string;
  /** Our own endpoint, without a slash at the end. */
  readonly publicUrl: string;
}

/** Stands in the place of a run: whichever of the environment's runs ended last. No run is called so. */
export const latestRun = 'latest';

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The address of a file of a run: `https://…/reports/<environment>/<run>/<file>?s=<signature>`. */
export function linkTo({ environment, runId, file }: Linked, key: LinkKey): string {
  return `${key.publicUrl}/reports/${environment}/${runId}/${file}?s=${sign({ environment, runId, file }, key)}`;
}

/**
 * What a link leads to, or undefined when we did not make it.
 *
 * @param path below our endpoint, as it came: `/reports/staging/staging-…/report.html`
 */
export function followLink(path: string, signature: string, key: LinkKey): Linked | undefined {
  const [environment, runId, ...rest] = path.replace(/^\/reports\//, '').split('/');
  if (environment === undefined || runId === undefined || rest.length === 0) return undefined;
  if (![environment, runId, ...rest].every((part) => segment.test(part))) return undefined;
  const linked = { environment, runId, file: rest.join('/') };
  const expected = Buffer.from(sign(linked, key));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? linked : undefined;
}

const sign = ({ environment, runId, file }: Linked, { stage, secret }: LinkKey): string =>
  createHmac('sha256', secret).update(['v1', stage, environment, runId, file].join('\n')).digest('base64url').slice(0, 32);
