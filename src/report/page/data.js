import { byId } from './dom.js';

const read = (element) => (element ? JSON.parse(element.textContent) : []);

/** `{ name, uri }` of each feature, and all scenarios in their order: src/report/scenario-details.ts says what is in them. */
export const features = read(byId('features'));
export const rows = read(byId('rows'));

/** What a row is filed under: its status, `flaky`, or `quarantined`. */
export function kindOf({ status, error, isQuarantined }) {
  if (isQuarantined) return 'quarantined';
  return status === 'passed' && error !== undefined ? 'flaky' : status;
}

/** What a kind is called. */
export const wordOf = (kind) => ({ unknown: 'without a verdict', quarantined: 'in quarantine' })[kind] ?? kind;

const perElement = Number(document.body.dataset.perElement);
const elements = document.querySelectorAll('script.details');
const parts = new Map();

/** The attempts of a row, or undefined when the page had no room for them. */
export function attemptsOf(index) {
  const part = Math.floor(index / perElement);
  if (!parts.has(part)) parts.set(part, read(elements[part]));
  return parts.get(part)[index % perElement] ?? undefined;
}
