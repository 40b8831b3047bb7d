import { inflateRawSync } from 'node:zlib';
import type { Glyphs } from './glyphs.ts';
import type { Indexed } from './png.ts';

/** `#1f6feb` */
export type Colour = `#${string}`;

/** How many shades there are between the background and a colour: what a glyph's edges need. */
const shades = 15;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A character's cell within a face's coverage. */
interface Cell {
  readonly from: number;
  readonly width: number;
}

/** A face that is ready to be drawn. */
export interface Face {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly coverage: Uint8Array;
  readonly heightPx: number;
}

/** What stands for a character that the face does not have. */
const unknown = '?';

/** Unpacks the glyphs: a few milliseconds. */
export function openFace({ characters, advances, heightPx, coverage }: Glyphs): Face {
  const packed = inflateRawSync(Buffer.from(coverage, 'base64'));
  const cells = new Map<string, Cell>();
  let from = 0;
  for (const [index, character] of [...characters].entries()) {
    const width = advances[index] ?? 0;
    cells.set(character, { from, width });
    from += width * heightPx;
  }
  const levels = Uint8Array.from({ length: from }, (_, at) => ((packed[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15);
  return { cells, coverage: levels, heightPx };
}

const cellsOf = (text: string, { cells }: Face): readonly Cell[] =>
  [...text].flatMap((character) => cells.get(character) ?? cells.get(unknown) ?? []);

/** How wide a text is, in pixels. */
export const widthOf = (text: string, face: Face): number => cellsOf(text, face).reduce((sum, { width }) => sum + width, 0);

/** A sheet of one colour to draw upon; every other colour is mixed with it. */
export function newCanvas(widthPx: number, heightPx: number, paper: Colour) {
  const points = new Uint8Array(widthPx * heightPx);
  const palette: number[] = [...bytesOf(paper)];
  const inks = new Map<Colour, number>();

  /** The palette's index of the first and palest shade of a colour. */
  function inkOf(colour: Colour): number {
    const known = inks.get(colour);
    if (known !== undefined) return known;
    const first = palette.length / 3;
    const [back, front] = [bytesOf(paper), bytesOf(colour)];
    for (let shade = 1; shade <= shades; shade += 1)
      palette.push(...back.map((byte, at) => Math.round(byte + (((front[at] ?? 0) - byte) * shade) / shades)));
    inks.set(colour, first);
    return first;
  }

  function set(x: number, y: number, value: number): void {
    if (x >= 0 && x < widthPx && y >= 0 && y < heightPx) points[y * widthPx + x] = value;
  }

  /** Fills a rectangle; `radius` rounds its corners. */
  function fill({ x, y, width, height }: Rectangle, colour: Colour, radius = 0): void {
    const ink = inkOf(colour);
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1) {
        const part = cornerPart(column, row, { width, height, radius: Math.min(radius, width / 2, height / 2) });
        if (part > 0) set(x + column, y + row, ink + Math.ceil(part * shades) - 1);
      }
  }

  /** Writes a text from its top left corner on; gives where the next character would begin. */
  function write(text: string, x: number, y: number, face: Face, colour: Colour): number {
    const ink = inkOf(colour);
    let pen = x;
    for (const { from, width } of cellsOf(text, face)) {
      for (let row = 0; row < face.heightPx; row += 1)
        for (let column = 0; column < width; column += 1) {
          const level = face.coverage[from + row * width + column] ?? 0;
          if (level > 0) set(pen + column, y + row, ink + level - 1);
        }
      pen += width;
    }
    return pen;
  }

  const picture = (): Indexed => ({ widthPx, heightPx, points, palette: Uint8Array.from(palette) });
  return { fill, write, picture };
}

/** How much of a point lies within a rectangle with round corners: all of it, none, or a part of it on the edge. */
function cornerPart(x: number, y: number, { width, height, radius }: { width: number; height: number; radius: number }): number {
  const beyond = (at: number, size: number): number => Math.max(radius - (at + 0.5), at + 0.5 - (size - radius), 0);
  const distance = Math.hypot(beyond(x, width), beyond(y, height));
  return Math.min(1, Math.max(0, radius - distance + 0.5));
}

const bytesOf = (colour: Colour): readonly number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
