import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { drawBars } from '../../src/picture/bar-chart.ts';

const bars = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `orders-${index}`, value: index, label: `${index} % of ${1_000 * index}` }));

/** The colour of each point, as the file has it: `#rrggbb` by row and column. */
function read(png: Buffer) {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(8);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const palette = chunks.get('PLTE') ?? Buffer.alloc(0);
  const colourAt = (x: number, y: number): string => {
    const index = rows[y * (width + 1) + x + 1] ?? 0;
    return `#${palette.toString('hex', 3 * index, 3 * index + 3)}`;
  };
  return { width, height, colourAt, names: [...chunks.keys()] };
}

describe('a bar chart', () => {
  it('is a PNG as large as it has bars, on a light sheet', () => {
    const few = read(drawBars({ title: 'a', subtitle: 'b', bars: bars(2) }));
    const many = read(drawBars({ title: 'a', subtitle: 'b', bars: bars(12) }));
    expect(few.names).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
    expect(few.width).toBe(many.width);
    expect(many.height).toBeGreaterThan(few.height);
    expect(few.colourAt(10, 10)).toBe('#ffffff');
  });

  it('has bars as long as their values', () => {
    const { width, height, colourAt } = read(
      drawBars({ title: '', subtitle: '', bars: [8, 4, 2, 0].map((value) => ({ name: 'a', value, label: 'b' })) }),
    );
    const lengths = Array.from(
      { length: height },
      (_, y) => Array.from({ length: width }, (_, x) => colourAt(x, y)).filter((one) => one === '#1f6feb').length,
    );
    const longest = Math.max(...lengths);
    const whole = [...new Set(lengths)].filter((length) => length > 0 && lengths.filter((one) => one === length).length > 5);
    expect(whole.map((length) => Math.round((8 * length) / longest))).toEqual([8, 4, 2]);
  });

  it.each([
    ['nothing', { title: '', subtitle: '', bars: [] }],
    ['names that are too long', { title: 'x'.repeat(500), subtitle: '', bars: [{ name: 'y'.repeat(500), value: 1, label: 'z' }] }],
    ['characters that it has not', { title: '漢字 🎉', subtitle: '\u0000', bars: [{ name: '', value: Number.NaN, label: '' }] }],
  ])('can be drawn of %s', (_, chart) => {
    expect(read(drawBars(chart)).names).toContain('IDAT');
  });
});
