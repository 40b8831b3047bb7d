/** Prints Lambda's lines as they are, without the line breaks that travel as carriage returns. */
export function printLines(lines: readonly string[]): void {
  for (const line of lines) console.log(line.replaceAll('\r', '\n').trimEnd());
}
