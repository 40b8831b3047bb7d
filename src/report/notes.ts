import type { Scenarios } from './scenario-details.ts';

/** What the page has no room for, aloud. */
export const notesOf = ({ leftOut }: Scenarios): readonly string[] =>
  leftOut === 0
    ? []
    : [
        `The steps of ${leftOut.toLocaleString('en')} scenarios are left out: with them, this page would be too large for a browser. The messages have them.`,
      ];
