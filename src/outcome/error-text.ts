import { type Fields, fields, text } from './fields.ts';

/** At most this many characters of an error are kept. */
export const longestError = 2000;
const longestMessage = 1500;
const mostMessageLines = 25;
const mostFrames = 5;

const esc = String.fromCharCode(27);
/** Colours, cursor movements and hyperlinks of a terminal. */
const ansiPattern = new RegExp(`${esc}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${esc}\\u0007]*(?:\\u0007|${esc}\\\\)|[@-Z\\\\-_])`, 'g');
/** All control characters but line breaks and tabs, and those that let the rest of a message run from right to left. */
const controlPattern = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** As JavaScript, Java and .NET write it, and as Ruby does: without `at`. */
const framePattern = /^\s+at\s.*(?:\)|:\d+|:line \d+|<anonymous>)(?: \{)?$|^\s*\S+\.rb:\d+:in /;
/** What Node, Java and .NET add to a stack: nobody's words. */
const remarkPattern =
  /^\s+\.\.\. \d+ lines matching cause stack trace \.\.\.$|^Node\.js v\d[\d.]*$|^\s*\.\.\. \d+ (?:more|common frames omitted)$|^\s*--- End of (?:inner exception )?stack trace/;
/** Frames that are nobody's fault: dependencies, the language itself, the machinery of promises, and the program that runs the tests. */
const foreignFramePattern = new RegExp(
  [
    /node_modules[\\/]|[\\/]cucumber-child\.m?[jt]s\b|\bnode:|\(internal\/|\(<anonymous>\)|\(native\)|^\s+at async Promise\.|^\s+at (?:eval \()?<anonymous>(?::\d|$)/,
    /^\s+at (?:[\w.]+\/)?(?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|org\.(?:junit|testng|hamcrest|assertj|opentest4j|codehaus|gradle|apache\.maven|openqa\.selenium)|io\.cucumber|com\.(?:intellij|microsoft\.playwright))\.|^\s+at ✽\./,
    /^\s+at (?:System|Microsoft|Reqnroll|TechTalk|NUnit|Xunit|OpenQA|FluentAssertions|InvokeStub_\S+)\./,
    /[\\/](?:gems|lib[\\/]ruby)[\\/]|^\s*<internal:/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Text as a person reads it: no terminal codes, no control characters but line breaks and tabs, nothing that turns the text round. */
export const plainText = (raw: string): string => raw.replaceAll('\r\n', '\n').replace(ansiPattern, '').replace(controlPattern, '');

/** The first `length` characters, with an ellipsis when something was left out; never half a character. */
export const cut = (value: string, length: number): string => {
  if (value.length <= length) return value;
  const kept = value.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
};

const isFrame = (line: string): boolean => framePattern.test(line);
const isOwnFrame = (line: string): boolean => isFrame(line) && !foreignFramePattern.test(line);

/**
 * An error's first lines and the stack's frames that belong to the suite itself, at most 2,000 characters.
 * What somebody needs to see to know whether it is the page or the test.
 */
export const trimError = (raw: string): string => {
  // Our limit comes first: an assertion on a whole page can carry megabytes.
  const lines = plainText(raw.slice(0, 100_000))
    .split('\n')
    .map((line) => line.trimEnd());
  const message = lines.filter((line) => !isFrame(line) && !remarkPattern.test(line));
  const frames = lines
    .filter(isOwnFrame)
    .slice(0, mostFrames)
    .map((line) => `    ${line.trim().replace('file://', '').replace(/ \{$/, '')}`);
  const shown = message
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .split('\n');
  const first = shown.slice(0, mostMessageLines).join('\n') + (shown.length > mostMessageLines ? '\n…' : '');
  return cut([cut(first, longestMessage), ...frames].join('\n').trim(), longestError);
};

/** The error's first line, for a list. */
export const firstLine = (error: string): string => cut(error.split('\n', 1)[0] ?? '', 200);

/** The stack, with the message above it where the stack has only frames. */
const withMessage = (stack: string, message: string | undefined, type: string | undefined): string => {
  const [first = ''] = (message ?? '').split('\n', 1);
  if (first === '' || stack.includes(first)) return stack;
  return `${type === undefined ? '' : `${type}: `}${message}\n${stack}`;
};

/** What a step's or hook's result says went wrong, as it came; undefined when it says nothing. */
export const rawErrorOf = (result: Fields): string | undefined => {
  const exception = fields(result.exception);
  const said = text(exception.message);
  const message = text(result.message) ?? said ?? text(exception.type);
  const stack = text(exception.stackTrace);
  // Both say the same, but implementations differ in which of them has the stack, and in whether the stack has the message.
  if (stack === undefined || (message ?? '').length >= stack.length) return message;
  return withMessage(stack, said ?? text(result.message), text(exception.type));
};

/** What a step's or hook's result says went wrong, trimmed; undefined when it says nothing. */
export const errorOf = (result: Fields): string | undefined => {
  const raw = rawErrorOf(result);
  const trimmed = raw === undefined ? '' : trimError(raw);
  return trimmed === '' ? undefined : trimmed;
};
