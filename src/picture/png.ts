import { crc32, deflateSync } from 'node:zlib';

/** Points of a palette, row by row: the index of a colour for each. */
export interface Indexed {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly points: Uint8Array;
  /** At most 256 colours: red, green and blue, one byte each. */
  readonly palette: Uint8Array;
}

/**
 * The picture as PNG.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function pngOf({ widthPx, heightPx, points, palette }: Indexed): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  // Eight bits for each point, an index into the palette.
  header.set([8, 3, 0, 0, 0], 8);
  const rows = Buffer.alloc((widthPx + 1) * heightPx);
  // Each row begins with its filter, which is none: 0.
  for (let y = 0; y < heightPx; y += 1) rows.set(points.subarray(y * widthPx, (y + 1) * widthPx), y * (widthPx + 1) + 1);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', header.subarray(0, 0)),
  ];
  return Buffer.concat([signature, ...parts]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
