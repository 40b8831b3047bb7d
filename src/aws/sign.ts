import { createHash, createHmac } from 'node:crypto';
import type { AwsAccount } from './account.ts';

export interface Unsigned {
  /** As it stands in the signature's scope: `ssm`, `events`. */
  readonly service: string;
  readonly address: URL;
  /** Names in lower case; `host`, the date and the token are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly nowMs: number;
}

/**
 * The headers of a signed POST: those given, and what Signature Version 4 adds. For addresses without a query.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(
  { service, address, headers, body, nowMs }: Unsigned,
  { region, credentials: { accessKeyId, secretAccessKey, sessionToken } }: Pick<AwsAccount, 'region' | 'credentials'>,
): Record<string, string> {
  const date = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const all: Record<string, string> = {
    ...headers,
    host: address.host,
    'x-amz-date': date,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).toSorted();
  const canonical = ['POST', address.pathname, '', ...names.map((name) => `${name}:${all[name]}`), '', names.join(';'), sha256(body)];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical.join('\n'))].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
