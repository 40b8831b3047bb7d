import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link of ours leads to. */
export interface Linked {
  readonly environment: string;
  readonly runId: string;
  /** `report.html`, `shards/1/attachments/<name>`, …: `report-file.ts` has them all. */
  readonly file: string;
  /** How often the environment's links had been revoked when this one was made; absent: never. */
  readonly generation?: number;
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

/** Stands in the place of a run: the page of the environment's last runs. No run is called so, either. */
export const historyPage = { runId: 'history', file: 'history.html' } as const;

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const signed = /^(?:([1-9]\d{0,8})\.)?([\w-]{1,100})$/;

/**
 * The address of a file of a run: `https://…/reports/<environment>/<run>/<file>?s=<signature>`. Once links of the environment were
 * revoked, the signature begins with how often: `2.<signature>`.
 */
export function linkTo(linked: Linked, key: LinkKey): string {
  const { environment, runId, file, generation = 0 } = linked;
  const prefix = generation === 0 ? '' : `${generation}.`;
  return `${key.publicUrl}/reports/${environment}/${runId}/${file}?s=${prefix}${sign(linked, key)}`;
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
  const [, generation = '0', code] = signed.exec(signature) ?? [];
  if (code === undefined) return undefined;
  const linked = { environment, runId, file: rest.join('/'), generation: Number(generation) };
  const expected = Buffer.from(sign(linked, key));
  const given = Buffer.from(code);
  return given.length === expected.length && timingSafeEqual(given, expected) ? linked : undefined;
}

function sign({ environment, runId, file, generation = 0 }: Linked, { stage, secret }: LinkKey): string {
  const version = generation === 0 ? ['v1'] : ['v2', String(generation)];
  return createHmac('sha256', secret)
    .update([...version, stage, environment, runId, file].join('\n'))
    .digest('base64url')
    .slice(0, 32);
}
