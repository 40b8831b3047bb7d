import { cut, firstLine } from './error-text.ts';

/** The lines of an error that tell it from others: what a list shows, and what errors are compared by. */
export interface Essence {
  /**
   * What kind of error it is by its words. `network`, `browser` and `locator` are the same trouble wherever in the suite they
   * come up; any other is told from its like by where it was thrown.
   */
  readonly kind: 'network' | 'browser' | 'locator' | 'other';
  /** Its first line. */
  readonly headline: string;
  /** The line below that says what it is about, where the first does not. */
  readonly detail?: string;
  /** The first of the suite's own frames: `    at World.<anonymous> (features/steps.js:18:26)`. */
  readonly frame?: string;
}

/** The words that say that a browser, a page or a session is gone. */
export const browserTrouble =
  /\b(?:browser|page|context|target|window)\b[^.\n]{0,40}\b(?:has been closed|already closed|crashed)\b|\b(?:session not created|invalid session id|not reachable|Executable doesn't exist|Failed to launch)\b|\b(?:browserType\.launch|DevToolsActivePort)\b/i;

const telling: readonly { readonly kind: Essence['kind']; readonly says: RegExp }[] = [
  {
    kind: 'network',
    says: /\bnet::ERR_\w+|\bNS_ERROR_\w+|\bE(?:CONN(?:REFUSED|RESET|ABORTED)|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT|PIPE)\b|\bsocket hang up\b|\bUND_ERR_\w+/,
  },
  {
    kind: 'browser',
    says: browserTrouble,
  },
  {
    kind: 'locator',
    says: /\b(?:locator|frameLocator|getBy\w+|By)\(|\b(?:css )?selector\b"?\s*[:=,'"]|\bxpath\b|\bLocator: |\b(?:Unable|unable) to (?:locate|find) (?:an )?element/,
  },
];

/** What tells an error stands near its beginning. */
const mostLines = 25;

const framePattern = /^\s+at\s.*(?:\)|:\d+|:line \d+|<anonymous>)$|^\s*(?:\.{0,2}\/)?[\w./\\-]+\.\w+:\d+(?::\d+|:in .*)?$/;

const isFrame = (line: string): boolean => framePattern.test(line);
/** Some implementations put the scenario's own line below the stack: it is not where the error was thrown. */
const isOfFeature = (line: string): boolean => /\.feature(?:\.md)?:\d+\)?/.test(line);
const short = (line: string): string => cut(line.trim(), 200);

/** Of a headline that announces something, `Expected values to be strictly equal:`, what comes next says what. */
const announced = (headline: string, rest: readonly string[]): string | undefined =>
  headline.endsWith(':') ? rest.find((line) => line.trim() !== '') : undefined;

/** What matters of an error that `trimError` has made. */
export const essenceOf = (error: string): Essence => {
  const lines = error.split('\n');
  const frame = lines.slice(1).find((line) => isFrame(line) && !isOfFeature(line));
  const [first = '', ...rest] = lines.filter((line, index) => index === 0 || !isFrame(line)).slice(0, mostLines);
  const headline = firstLine(first.trim());
  const found = telling.find(({ says }) => says.test(headline) || rest.some((line) => says.test(line)));
  const detail = found === undefined || found.says.test(headline) ? announced(headline, rest) : rest.find((line) => found.says.test(line));
  return {
    kind: found?.kind ?? 'other',
    headline,
    ...(detail === undefined ? {} : { detail: short(detail) }),
    ...(frame === undefined ? {} : { frame: `    ${short(frame)}` }),
  };
};

/** The error's essence as an error: what is kept of it when there are thousands. Its essence is the same. */
export const essentials = (error: string): string => {
  const { headline, detail, frame } = essenceOf(error);
  return [headline, detail, frame].filter((line) => line !== undefined).join('\n');
};
