/** The numbers of a report. */
export interface ReportNumbers {
  readonly durationMs: number;
  readonly billedMs: number;
  readonly memoryMb: number;
  /** Absent: it found an environment. */
  readonly initMs: number | undefined;
}

// A log is mostly reports of one form. A regular expression makes a text of each number first, which takes twice as long as all
// the rest; here they are reckoned from the characters. Whatever is not exactly of this form is left to the careful reader.

/** Where the number that was read last ends. */
let end = 0;

/** The number that stands at `from`, like `2.46`; NaN where none does. */
function numberFrom(line: string, from: number): number {
  let at = from;
  let value = 0;
  let code = line.charCodeAt(at);
  for (; code >= 48 && code <= 57; code = line.charCodeAt(at)) {
    value = value * 10 + code - 48;
    at += 1;
  }
  if (at === from || at - from > 12) return Number.NaN;
  if (code === 46) {
    const point = at;
    let scale = 1;
    at += 1;
    for (code = line.charCodeAt(at); code >= 48 && code <= 57; code = line.charCodeAt(at)) {
      value = value * 10 + code - 48;
      scale *= 10;
      at += 1;
    }
    if (at - point < 2 || at - from > 15) return Number.NaN;
    value /= scale;
  }
  end = at;
  return value;
}

/** Words of Lambda's, and three of their characters: comparing all of them would take longer than reading the numbers. */
interface Words {
  readonly length: number;
  readonly second: number;
  readonly fourth: number;
  readonly lastButOne: number;
}

const words = (text: string): Words => ({
  length: text.length,
  second: text.charCodeAt(2),
  fourth: text.charCodeAt(4),
  lastButOne: text.charCodeAt(text.length - 2),
});

const isThere = (line: string, { length, second, fourth, lastButOne }: Words, from: number): boolean =>
  line.charCodeAt(from + 2) === second && line.charCodeAt(from + 4) === fourth && line.charCodeAt(from + length - 2) === lastButOne;

/** The number behind these words, which stand where the last number ended. */
function numberAfter(line: string, said: Words): number {
  const from = end;
  return isThere(line, said, from) ? numberFrom(line, from + said.length) : Number.NaN;
}

const text = {
  duration: words('\tDuration: '),
  billed: words(' ms\tBilled Duration: '),
  memory: words(' ms\tMemory Size: '),
  used: words(' MB\tMax Memory Used: '),
  init: words(' MB\tInit Duration: '),
};
/** Where a request's id of 36 characters ends. */
const textIdEnd = 'REPORT RequestId: '.length + 36;

/** Of a text report that ended well; undefined for any that is not of the usual form to its last character. */
export function usualTextReport(line: string): ReportNumbers | undefined {
  end = textIdEnd;
  const durationMs = numberAfter(line, text.duration);
  const billedMs = numberAfter(line, text.billed);
  const memoryMb = numberAfter(line, text.memory);
  const usedMb = numberAfter(line, text.used);
  if (Number.isNaN(durationMs + billedMs + memoryMb + usedMb)) return undefined;
  const initMs = line.length === end + 4 ? undefined : numberAfter(line, text.init);
  if (Number.isNaN(initMs ?? 0) || line.length !== end + 4 || line.charCodeAt(end + 3) !== 9) return undefined;
  return { durationMs, billedMs, memoryMb, initMs };
}

const json = {
  duration: words('","metrics":{"durationMs":'),
  billed: words(',"billedDurationMs":'),
  memory: words(',"memorySizeMB":'),
  used: words(',"maxMemoryUsedMB":'),
  init: words(',"initDurationMs":'),
};
const jsonStart = '{"time":"2026-10-08T07:30:29.470Z';
const jsonKind = '","type":"platform.report","record":{"requestId":"';
const jsonIdEnd = jsonStart.length + jsonKind.length + 36;
const jsonEnd = '},"status":"success"}}';
const jsonSuccess = jsonEnd.indexOf('success');
const ends = { kind: words(jsonKind), end: words(jsonEnd) };

/** The same of a report in JSON. */
export function usualJsonReport(line: string): ReportNumbers | undefined {
  const last = line.length - jsonEnd.length;
  // `success` is one of several words of its length.
  if (!isThere(line, ends.kind, jsonStart.length) || !isThere(line, ends.end, last) || line.charCodeAt(last + jsonSuccess) !== 115)
    return undefined;
  end = jsonIdEnd;
  const durationMs = numberAfter(line, json.duration);
  const billedMs = numberAfter(line, json.billed);
  const memoryMb = numberAfter(line, json.memory);
  const usedMb = numberAfter(line, json.used);
  if (Number.isNaN(durationMs + billedMs + memoryMb + usedMb)) return undefined;
  const initMs = end === last ? undefined : numberAfter(line, json.init);
  return Number.isNaN(initMs ?? 0) || end !== last ? undefined : { durationMs, billedMs, memoryMb, initMs };
}
