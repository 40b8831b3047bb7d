import { features, kindOf, rows } from './data.js';

/** What a person has chosen to see. No kind chosen: all. */
export const choice = { words: [], kinds: new Set(), feature: '', tag: '', cause: undefined };

const haystacks = [];

/** All that is searched of a row, lower case. */
function haystackOf(index) {
  const { name, rule = '', tags = [], error = '', step = '', since = '', feature } = rows[index];
  haystacks[index] ??= [name, rule, ...tags, error, step, since, features[feature].name, features[feature].uri].join('\n').toLowerCase();
  return haystacks[index];
}

/** A flaky scenario has passed, one in quarantine has failed: it is shown with those, and by itself. */
const hasKind = (row) => choice.kinds.size === 0 || choice.kinds.has(kindOf(row)) || choice.kinds.has(row.status);

const isChosen = (row, index) =>
  hasKind(row) &&
  (choice.feature === '' || row.feature === Number(choice.feature)) &&
  (choice.cause === undefined || row.cause === choice.cause) &&
  (choice.tag === '' || (row.tags ?? []).includes(choice.tag)) &&
  choice.words.every((word) => haystackOf(index).includes(word));

/** The numbers of the rows that are to be shown, in order. */
export const chosenRows = () => rows.flatMap((row, index) => (isChosen(row, index) ? [index] : []));

/** Whether anything is chosen at all. */
export const isNarrowed = () =>
  choice.words.length > 0 || choice.kinds.size > 0 || choice.feature !== '' || choice.tag !== '' || choice.cause !== undefined;
