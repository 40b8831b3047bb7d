import type { Readable } from 'node:stream';

/** What a process writes to one of its streams, line by line. */
export interface ProcessOutput {
  /** Resolves when all that was written during this invocation has been given away as lines, or the stream has ended. */
  until(requestId: string): Promise<void>;
}

/**
 * Gives each line to `onLine`. The runtime client ends an invocation's output with a mark (a line that begins with a
 * NUL): the answer comes by another way than the output, and could overtake it. Without the mark, lines would be
 * logged after the REPORT of their invocation.
 */
export function readOutput(stream: Readable, onLine: (line: string) => void): ProcessOutput {
  const seen = new Set<string>();
  let rest = '';
  let hasEnded = false;
  let notify: () => void = () => undefined;

  function take(line: string): void {
    const mark = /^\0end (.+)$/.exec(line)?.[1];
    // The runtime puts a line break in front of each mark, for a last line without one. CloudWatch takes no empty events.
    if (mark === undefined && line !== '') onLine(line.replaceAll('\r', '\n'));
    if (mark !== undefined) seen.add(mark);
  }

  stream.setEncoding('utf8');
  stream.on('data', (part: string) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    notify();
  });
  stream.once('close', () => {
    take(rest);
    hasEnded = true;
    notify();
  });

  return {
    until: (requestId) =>
      new Promise((resolve) => {
        notify = () => {
          if (!seen.delete(requestId) && !hasEnded) return;
          notify = () => undefined;
          resolve();
        };
        notify();
      }),
  };
}
