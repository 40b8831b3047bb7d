import { newCanvas, openFace, widthOf } from './canvas.ts';
import { bold, regular } from './glyphs.ts';
import { pngOf } from './png.ts';

/** A chart of horizontal bars: long names have room there. */
export interface BarChart {
  readonly title: string;
  /** What stands below the title, paler. */
  readonly subtitle: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly label: string }[];
}

/** Slack shows a picture of this width at about 0.6 of it on a desk, and at half of it on a phone: letters of 24 pixels are read as letters of 14 or 12. */
const widthPx = 720;
const marginPx = 28;
const headPx = 118;
/** A row is a name and a number, and the bar below them: so a name has nearly all of the width. */
const rowPx = 56;
const textPx = 34;
const barPx = 12;
const gapPx = 16;

/** A light sheet with an edge of its own: it reads the same where Slack is dark. */
const colours = { paper: '#ffffff', edge: '#d0d7de', ink: '#1d1c1d', soft: '#616061', track: '#eef2f6', bar: '#1f6feb' } as const;

/** Draws the chart as PNG. It takes tens of milliseconds and needs no font: the letters are in `glyphs.ts`. */
export function drawBars({ title, subtitle, bars }: BarChart): Buffer<ArrayBuffer> {
  const letters = openFace(regular);
  const large = openFace(bold);
  const heightPx = headPx + bars.length * rowPx + marginPx - (rowPx - textPx - barPx);
  const canvas = newCanvas(widthPx, heightPx, colours.paper);
  for (const side of edges(widthPx, heightPx)) canvas.fill(side, colours.edge);

  const inside = widthPx - 2 * marginPx;
  canvas.write(fitted(title, inside, large), marginPx, 24, large, colours.ink);
  canvas.write(fitted(subtitle, inside, letters), marginPx, 66, letters, colours.soft);

  const most = Math.max(...bars.map(({ value }) => value), 0);
  for (const [index, { name, value, label }] of bars.entries()) {
    const y = headPx + index * rowPx;
    const labelPx = widthOf(label, letters);
    canvas.write(fitted(name, inside - labelPx - gapPx, letters), marginPx, y, letters, colours.ink);
    canvas.write(label, widthPx - marginPx - labelPx, y, letters, colours.ink);
    const bar = { x: marginPx, y: y + textPx, height: barPx };
    canvas.fill({ ...bar, width: inside }, colours.track, 3);
    // What is there at all is seen.
    const width = most <= 0 || value <= 0 ? 0 : Math.max(4, Math.round((inside * value) / most));
    canvas.fill({ ...bar, width }, colours.bar, 3);
  }
  return pngOf(canvas.picture());
}

const edges = (width: number, height: number) => [
  { x: 0, y: 0, width, height: 2 },
  { x: 0, y: height - 2, width, height: 2 },
  { x: 0, y: 0, width: 2, height },
  { x: width - 2, y: 0, width: 2, height },
];

/** The text, its middle left out when it is too wide: names differ at both ends. */
function fitted(text: string, mostPx: number, face: Parameters<typeof widthOf>[1]): string {
  const characters = [...text];
  for (let left = characters.length; left > 1; left -= 1) {
    const head = Math.ceil(left / 2);
    const shown =
      left === characters.length
        ? text
        : `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (left - head)).join('')}`;
    if (widthOf(shown, face) <= mostPx) return shown;
  }
  return '…';
}
