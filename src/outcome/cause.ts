import { browserTrouble, type Essence, essenceOf } from './error-essence.ts';
import { cut } from './error-text.ts';
import type { Failure } from './outcome.ts';

/** Failures that have one cause, as far as their errors tell. */
export interface Cause<F extends Failed = Failure> {
  /** The same for the same cause, in any run: the error without what varies. */
  readonly key: string;
  /** In the words of the first failure, one line. */
  readonly words: string;
  /** At least one, in the order in which they were given. */
  readonly failures: readonly F[];
}

/** What of a failure tells its cause. */
export type Failed = Pick<Failure, 'status' | 'step' | 'error'>;

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b(https?|wss?):\/\/(?:[^\s/@"']*@)?([^\s/:?#"'`)\]]+)(?::\d+)?([^\s?#"'`)\]]*)(?:[?#][^\s"'`)\]]*)?/g, '$1://$2$3'],
  [/\b(?:data|blob):[^\s"'`)\]]+/g, '<url>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b0x[\da-f]+\b/gi, '<id>'],
  [/\b(?=[a-f]*\d)[\da-f]{7,}\b/gi, '<id>'],
  [/(?:\/tmp|\/var\/folders|\\Temp)[/\\][^\s"'`)\]]+/g, '<file>'],
  // Letters and digits by turns are nobody's word: `k3f9qa`.
  [/\b(?=\w{6,})[a-z]*\d+[a-z]+\d\w*\b/gi, '<id>'],
  [/(?<![\w.])-?\d+(?:[.,]\d+)*|\d+/g, '<n>'],
];

/** The text without what varies from scenario to scenario and from run to run: numbers, ids, times, ports, queries. */
const withoutVarying = (value: string): string => replacements.reduce((text, [pattern, mask]) => text.replace(pattern, mask), value);

/** An apostrophe inside a word opens no quotation. */
const quotePattern = /"(?:[^"\\\n]|\\.)*"|(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)|`[^`\n]*`|“[^”\n]*”|«[^»\n]*»/g;

/** … and without the values in quotation marks. */
const shapeOf = (value: string): string => withoutVarying(value.replace(quotePattern, '<value>'));

/** A step that differs from another only in its values has the same definition, or needs the same. */
const shapeOfStep = (step: string): string => (step.startsWith('hook ') ? step : shapeOf(step.replace(/^\S+\s+/, '')));

const classPattern = /^((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*)(?: \[\w+\])?(?=:|$)|\(((?:\w+::)*[A-Z]\w+)\)$/;

/** `TimeoutError`, `org.opentest4j.AssertionFailedError`; empty when the error names none. */
const classOf = (headline: string): string => {
  const [, first, last] = classPattern.exec(headline) ?? [];
  return first ?? last ?? '';
};

/** `net::ERR_CONNECTION_REFUSED`, and the host it is about: which page of it, through which port, is chance. */
const networkTrouble = (lines: string): string => {
  const [code = ''] =
    /\bnet::ERR_\w+|\bNS_ERROR_\w+|\bE(?:CONN[A-Z]+|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT|PIPE)\b|\bsocket hang up\b|\bUND_ERR_\w+/.exec(
      lines,
    ) ?? [];
  const [, ofUrl] = /\b(?:https?|wss?):\/\/(?:[^\s/@"']*@)?([\w.-]+|\[[^\]]+\])/.exec(lines) ?? [];
  const [, ofCode] = /\bE[A-Z_]+ ([\w.-]+|\[[^\]]+\]|[\da-f:]+:)(?::\d+)?(?:\s|$)/.exec(lines) ?? [];
  return `${code} ${ofUrl ?? ofCode ?? ''}`;
};

/** `features/steps.js:18` of a frame. */
const placeOf = (frame: string): string =>
  /([^\s(]+?):(?:line )?(\d+)(?::\d+)?\)?(?::in .*)?$/.exec(frame)?.slice(1, 3).join(':') ?? frame.trim();

const isAssertion = (name: string): boolean => /assert|expect|comparison/i.test(name);

const keyOfError = ({ kind, headline, detail = '', frame }: Essence, step: string): readonly string[] => {
  const name = classOf(headline);
  switch (kind) {
    case 'network':
      return [name, networkTrouble(`${headline}\n${detail}`)];
    case 'browser':
      // Whatever was asked of it.
      return [name, browserTrouble.exec(`${headline}\n${detail}`)?.[0] ?? ''];
    case 'locator':
      // What is in quotation marks says which element it is.
      return [name, withoutVarying(headline), withoutVarying(detail)];
    case 'other': {
      const place = frame === undefined ? shapeOfStep(step) : placeOf(frame);
      return [name, shapeOf(headline), isAssertion(headline) ? '' : shapeOf(detail), place];
    }
  }
};

/** A parameter type that is not defined leaves out the step definitions that use it. */
const missesType = (error: string): boolean => error.includes('the parameter type {');

const keyParts = ({ status, step, error }: Failed): readonly string[] => {
  switch (status) {
    case 'undefined':
      // One missing step definition, or one missing parameter type.
      return [missesType(error) ? error : shapeOfStep(step)];
    case 'ambiguous': {
      const { headline, detail = '' } = essenceOf(error);
      return [headline, detail];
    }
    case 'pending':
      return [shapeOfStep(step)];
    case 'failed':
      return keyOfError(essenceOf(error), step);
  }
};

/** The same for failures of the same cause, also of different runs. It is for comparing, not for showing. */
export const causeKey = (failure: Failed): string => [failure.status, ...keyParts(failure)].join('\n');

const wordsOf = ({ status, step, error }: Failed): string => {
  const { kind, headline, detail } = essenceOf(error);
  if (status === 'undefined' && !missesType(error)) return cut(`There is no step definition for: ${step}`, 200);
  if (status === 'pending') return cut(`Pending: ${step}`, 200);
  if (status === 'ambiguous') return cut(`More than one step definition matches: ${step}`, 200);
  const isTelling = detail !== undefined && (kind !== 'other' || headline.endsWith(':')) && detail !== '+ actual - expected';
  const says = isTelling ? detail.replace(/^-\s*/, '') : undefined;
  return says === undefined ? headline.replace(/:$/, '') : cut(`${headline.replace(/[.:]$/, '')}: ${says}`, 300);
};

/** The failures, those of one cause together: the cause of most failures first, else in the order in which they were given. */
export const groupByCause = <F extends Failed>(failures: readonly F[]): readonly Cause<F>[] =>
  [...Map.groupBy(failures, causeKey)]
    .map(([key, ofCause]) => ({ key, words: ofCause[0] === undefined ? '' : wordsOf(ofCause[0]), failures: ofCause }))
    .toSorted((a, b) => b.failures.length - a.failures.length);
