import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { decodeAwsChunked } from './aws-chunked.ts';
import { notOffered, S3Refusal } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

/** The bytes of a request, proved to be what the client meant to send. */
export interface CheckedBody {
  readonly content: Buffer;
  /** The checksum that was given and is right, as a header. */
  readonly checksum?: { readonly name: string; readonly value: string };
  readonly hasContentMd5: boolean;
}

/** Headers that `readBody` reads. */
export const bodyHeaders = ['x-amz-decoded-content-length', 'x-amz-trailer', 'x-amz-sdk-checksum-algorithm', 'x-amz-checksum-'];

const checksums: Readonly<Record<string, (content: Buffer) => string>> = {
  'x-amz-checksum-crc32': (content) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(content));
    return bytes.toString('base64');
  },
  'x-amz-checksum-sha1': (content) => createHash('sha1').update(content).digest('base64'),
  'x-amz-checksum-sha256': (content) => createHash('sha256').update(content).digest('base64'),
};

/** Takes the body out of its transfer form (`aws-chunked`) and checks its length, MD5 and checksum, whichever were given. */
export function readBody(request: S3Request): CheckedBody {
  const { content, trailers } = unwrap(request);
  const md5 = request.header('content-md5');
  if (md5 !== undefined) checkMd5(md5, content);
  const checksum = checkChecksum(request, content, trailers);
  return { content, hasContentMd5: md5 !== undefined, ...(checksum && { checksum }) };
}

const noTrailers: ReadonlyMap<string, string> = new Map();

function unwrap(request: S3Request): { readonly content: Buffer; readonly trailers: ReadonlyMap<string, string> } {
  const payload = request.header('x-amz-content-sha256');
  if (payload === undefined || !payload.startsWith('STREAMING-')) return { content: request.body, trailers: noTrailers };
  if (payload !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw notOffered(`the payload "${payload}", only STREAMING-UNSIGNED-PAYLOAD-TRAILER and whole bodies`);
  const chunked = decodeAwsChunked(request.body);
  if (chunked.kind === 'malformed') throw new S3Refusal('IncompleteBody', {}, `The aws-chunked body is malformed: ${chunked.because}.`);
  const announced = request.header('x-amz-decoded-content-length');
  if (announced !== undefined && Number(announced) !== chunked.content.length)
    throw new S3Refusal('IncompleteBody', {}, `x-amz-decoded-content-length is ${announced}, ${chunked.content.length} bytes came.`);
  return chunked;
}

function checkMd5(given: string, content: Buffer): void {
  if (Buffer.from(given, 'base64').length !== 16) throw new S3Refusal('InvalidDigest', { 'Content-MD5': given });
  const computed = createHash('md5').update(content).digest('base64');
  if (computed !== given)
    throw new S3Refusal(
      'BadDigest',
      { ExpectedDigest: given, CalculatedDigest: computed },
      'The Content-MD5 you specified did not match what we received.',
    );
}

function checkChecksum(request: S3Request, content: Buffer, trailers: ReadonlyMap<string, string>): CheckedBody['checksum'] {
  const announced = request.header('x-amz-trailer')?.toLowerCase();
  if (announced !== undefined && !trailers.has(announced))
    throw new S3Refusal('MalformedTrailerError', {}, `The trailer "${announced}" was announced and did not come.`);
  const unannounced = [...trailers.keys()].find((name) => name !== announced);
  if (unannounced !== undefined) throw new S3Refusal('MalformedTrailerError', {}, `The trailer "${unannounced}" was not announced.`);

  const given = [...request.headersLike('x-amz-checksum-').filter(([name]) => name !== 'x-amz-checksum-mode'), ...trailers];
  if (given.length > 1)
    throw new S3Refusal('InvalidRequest', {}, 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const [name, value] = given[0] ?? [];
  const algorithm = request.header('x-amz-sdk-checksum-algorithm')?.toLowerCase();
  if (algorithm !== undefined && name !== `x-amz-checksum-${algorithm}`)
    throw new S3Refusal(
      'InvalidRequest',
      {},
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  if (name === undefined || value === undefined) return undefined;

  const compute = checksums[name];
  if (compute === undefined) throw notOffered(`"${name}", only ${Object.keys(checksums).join(', ')}`);
  if (compute(content) !== value) {
    const what = name.replace('x-amz-checksum-', '').toUpperCase();
    throw new S3Refusal('BadDigest', {}, `The ${what} you specified did not match the calculated checksum.`);
  }
  return { name, value };
}
