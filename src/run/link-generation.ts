/** How often the links of an environment were revoked. A link of an older generation leads nowhere. */
export interface LinkGeneration {
  readonly version: 1;
  readonly generation: number;
  /** The request that revoked them last: delivered again, it revokes nothing more. */
  readonly key: string;
  /** ISO 8601, when that was asked for. */
  readonly at: string;
}

/** The links after a request to revoke them. */
export const revoked = (now: LinkGeneration | undefined, { key, at }: Pick<LinkGeneration, 'key' | 'at'>): LinkGeneration =>
  now !== undefined && (now.key === key || now.at > at) ? now : { version: 1, generation: (now?.generation ?? 0) + 1, key, at };
