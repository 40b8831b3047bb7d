/** A body sent as `aws-chunked`, taken apart: what the SDK does with every stream. */
export type AwsChunked =
  | { readonly kind: 'decoded'; readonly content: Buffer; readonly trailers: ReadonlyMap<string, string> }
  | { readonly kind: 'malformed'; readonly because: string };

/**
 * The content and the trailers of an `aws-chunked` body: `<hex size>\r\n<bytes>\r\n … 0\r\n<trailer>:<value>\r\n\r\n`.
 * Chunk signatures (`;chunk-signature=`) are not offered; a body that has them is malformed here.
 */
export function decodeAwsChunked(body: Buffer): AwsChunked {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = readLine(body, at);
    if (line === undefined) return malformed(`the body ends at byte ${at}, where a chunk's size should stand`);
    if (!/^[0-9a-f]{1,8}$/i.test(line.text))
      return malformed(`"${line.text.slice(0, 40)}" at byte ${at} is not a chunk's size in hexadecimal`);
    const sizeBytes = Number.parseInt(line.text, 16);
    at = line.next;
    if (sizeBytes === 0) return decodeTrailers(body, at, Buffer.concat(parts));
    const end = at + sizeBytes;
    if (body.length < end + 2 || body.toString('latin1', end, end + 2) !== '\r\n')
      return malformed(`the chunk of ${sizeBytes} bytes at byte ${at} is cut off`);
    parts.push(body.subarray(at, end));
    at = end + 2;
  }
}

function decodeTrailers(body: Buffer, start: number, content: Buffer): AwsChunked {
  const trailers = new Map<string, string>();
  let at = start;
  for (;;) {
    const line = readLine(body, at);
    if (line === undefined) return malformed('the body ends before the empty line that closes its trailers');
    at = line.next;
    if (line.text === '') break;
    const colon = line.text.indexOf(':');
    if (colon < 1) return malformed(`"${line.text.slice(0, 80)}" is not a trailer`);
    trailers.set(line.text.slice(0, colon).trim().toLowerCase(), line.text.slice(colon + 1).trim());
  }
  // The SDK writes one empty line more than it must.
  const rest = body.toString('latin1', at);
  return rest === '' || rest === '\r\n' ? { kind: 'decoded', content, trailers } : malformed(`${rest.length} bytes follow the trailers`);
}

function readLine(body: Buffer, start: number): { readonly text: string; readonly next: number } | undefined {
  const end = body.indexOf('\r\n', start, 'latin1');
  return end === -1 ? undefined : { text: body.toString('latin1', start, end), next: end + 2 };
}

const malformed = (because: string) => ({ kind: 'malformed', because }) as const;
