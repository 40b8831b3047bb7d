/** So long an element is no event of a log: it is let go. */
const longestElement = 16 * 1024 * 1024;

/** A line that begins a document which holds its events in a list: `[`, `[{…`, `{` alone, `{"events":[…` and its like. */
export const beginsDocument = (line: string): boolean =>
  /^\s*(?:\[\s*(?:$|[{["])|\{\s*(?:$|"(?:events|searchedLogStreams|next(?:Forward)?Token|results|queryLanguage|statistics|status)"\s*:))/.test(
    line,
  );

/**
 * Gives the elements of the outermost lists of a JSON document that comes line by line, however it is laid out. Never throws;
 * what is no JSON is left out.
 */
export function logDocument(tell: (element: unknown) => void) {
  let depth = 0;
  /** How deep the list stands whose elements are given; 0 outside of one. */
  let listDepth = 0;
  let isInString = false;
  let isEscaped = false;
  let element = '';

  function read(line: string): void {
    let from = 0;
    // No string of JSON's goes over a line's end.
    isInString = false;
    isEscaped = false;
    for (let at = 0; at < line.length; at += 1) {
      const code = line.charCodeAt(at);
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (code === 92) isEscaped = true;
        else if (code === 34) isInString = false;
        continue;
      }
      if (code === 34) isInString = true;
      else if (code === 91 || code === 123) {
        depth += 1;
        if (code === 123 || listDepth > 0) continue;
        listDepth = depth;
        from = at + 1;
      } else if (code === 93 || code === 125) {
        if (depth === listDepth) {
          complete(line.slice(from, at));
          listDepth = 0;
        }
        depth = Math.max(0, depth - 1);
      } else if (code === 44 && listDepth > 0 && depth === listDepth) {
        complete(line.slice(from, at));
        from = at + 1;
      }
    }
    if (listDepth > 0) element = element.length > longestElement ? '' : element + line.slice(from);
  }

  function complete(rest: string): void {
    const text = element + rest;
    element = '';
    try {
      tell(JSON.parse(text));
    } catch {
      // nothing between two commas, or no JSON: no event
    }
  }

  return { read, isOpen: (): boolean => depth > 0 };
}
