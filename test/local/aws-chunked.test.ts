import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAwsChunked } from '../../src/local/s3/aws-chunked.ts';

const trailer = 'x-amz-checksum-crc32:AAAAAA==\r\n';

function chunked(parts: readonly Uint8Array[]): Buffer {
  const framed = parts
    .filter((part) => part.length > 0)
    .flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([...framed, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

it('gives back any bytes, however they were cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
      const decoded = decodeAwsChunked(chunked(parts));
      expect(decoded).toMatchObject({ kind: 'decoded', trailers: new Map([['x-amz-checksum-crc32', 'AAAAAA==']]) });
      expect(decoded.kind === 'decoded' && decoded.content.equals(Buffer.concat(parts))).toBe(true);
    }),
  );
});

it('never takes a body that was cut off for a whole one', () => {
  const whole = chunked([Buffer.from('some\r\n0\r\n\r\nbytes'), Buffer.from('more')]);
  for (let length = 0; length < whole.length; length += 1) expect(decodeAwsChunked(whole.subarray(0, length)).kind).toBe('malformed');
  expect(decodeAwsChunked(whole).kind).toBe('decoded');
});

it.each([
  ['a size that is no number', 'xyz\r\nabc\r\n0\r\n\r\n'],
  ['a chunk longer than its size', '2\r\nabc\r\n0\r\n\r\n'],
  ['a signed chunk', '3;chunk-signature=00\r\nabc\r\n0\r\n\r\n'],
  ['a trailer without a colon', '0\r\nnonsense\r\n\r\n'],
  ['more after the end', '0\r\n\r\nmore'],
])('refuses %s', (_, body) => expect(decodeAwsChunked(Buffer.from(body)).kind).toBe('malformed'));
