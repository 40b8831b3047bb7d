import { duration, node, plural, quoted, sign } from './dom.js';
import { filesView } from './files.js';

/** A line of what was expected, or of what came. */
const lineView = (line) => {
  if (/^\s*\+(?!\+)/.test(line)) return node('span', { class: 'plus' }, `${line}\n`);
  if (/^\s*-(?!-)/.test(line)) return node('span', { class: 'minus' }, `${line}\n`);
  return `${line}\n`;
};

/** Whether an assertion shows what differs line by line, in the words of Node, Chai or Jest; any other list has its dashes, too. */
const isDifference = (error) => /[+-] (?:actual|expected)\b|[+-] Received|[+-] Expected/.test(error);

const errorView = (error) => node('pre', { class: 'error', tabindex: 0 }, isDifference(error) ? error.split('\n').map(lineView) : error);

const folded = (title, content) => node('details', {}, node('summary', {}, title), content);

function tableView(table) {
  const row = (cells) =>
    node(
      'tr',
      {},
      cells.map((cell) => node('td', {}, quoted(cell))),
    );
  return node('div', { class: 'scroll', tabindex: 0 }, node('table', {}, node('tbody', {}, table.map(row))));
}

function stepView({ keyword, text, status = 'passed', ms = 0, table, doc, error, whole, snippet, files }) {
  const words = node('span', { class: 'words' }, keyword && node('b', {}, `${keyword} `), quoted(text));
  return node(
    'li',
    { class: `step of-${status}` },
    node(
      'div',
      { class: 'line' },
      sign(status, status === 'unknown' ? 'not reached' : status),
      words,
      ms > 0 && node('span', { class: 'ms' }, duration(ms)),
    ),
    table && tableView(table),
    doc && node('pre', { class: 'doc', tabindex: 0 }, doc),
    error && errorView(error),
    whole && folded('The whole error', errorView(whole)),
    snippet && folded('A step definition to begin with', node('pre', { tabindex: 0 }, snippet)),
    filesView(files),
  );
}

const attemptBody = ({ steps, files }) => [node('ol', { class: 'steps' }, steps.map(stepView)), filesView(files)];

function attemptView(attempt, number, isLast) {
  const title = `Attempt ${number} ${attempt.status === 'unknown' ? 'was cut off' : attempt.status}${attempt.ms > 0 ? ` after ${duration(attempt.ms)}` : ''}`;
  return node('details', { class: 'attempt', open: isLast }, node('summary', {}, title), attemptBody(attempt));
}

const whyNothing = {
  'not begun': 'It had not begun when the run ended.',
  'no steps': 'It has no steps: there was nothing to check.',
  'cut off': 'The run ended while it was on. This is how far it came.',
  'after the stop': 'It ended after the run was told to stop: what failed then says nothing.',
};

/** What the scenario did, attempt by attempt. */
export function attemptsView({ why }, attempts) {
  const said = why && node('p', { class: 'soft' }, whyNothing[why] ?? why);
  if (attempts === undefined)
    return [
      said,
      node('p', { class: 'soft' }, 'There was no room for its steps on this page. Cucumber’s own report and the messages have them.'),
    ];
  if (attempts.length <= 1) return [said, ...attempts.flatMap(attemptBody)];
  return [said, ...attempts.map((attempt, index) => attemptView(attempt, index + 1, index === attempts.length - 1))];
}

export const triesWords = (attempts) => (attempts === undefined ? '' : plural(attempts, 'attempt'));
