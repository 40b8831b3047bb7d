import type { WriteStream } from 'node:tty';

/** Smaller files are read before anybody has looked. */
const fromBytes = 50 * 1024 * 1024;

export interface ReadingProgress {
  readonly tell: (read: number, of: number | undefined) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** Says on a terminal how far a big file is read. */
export const readingProgress = (terminal: WriteStream): ReadingProgress => {
  let shown = '';
  const show = (line: string): void => {
    if (line === shown) return;
    terminal.write(`\r\u001b[K${line}`);
    shown = line;
  };
  return {
    tell: (read, of) => {
      if (terminal.isTTY && of !== undefined && of >= fromBytes) show(`Reading … ${Math.floor((read / of) * 100)} %`);
    },
    end: () => {
      if (shown !== '') show('');
    },
  };
};
