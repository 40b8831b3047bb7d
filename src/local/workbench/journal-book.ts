import type { JournalEntry } from '../wire/journal.ts';

/** An entry of the journal and its number, which no other entry ever has. */
export interface Numbered {
  readonly n: number;
  readonly entry: JournalEntry;
}

/** Everything that happened since the start, oldest first, as far back as there is room. */
export interface JournalBook {
  add(entry: JournalEntry): void;
  entries(): readonly JournalEntry[];
  find(n: number): JournalEntry | undefined;
  /** The last ones, oldest first. */
  last(count: number): readonly Numbered[];
  /** Calls the listener for every entry from now on; returns what ends that. */
  onEntry(listener: (numbered: Numbered) => void): () => void;
}

const mostEntries = 10_000;

export function journalBook(): JournalBook {
  const entries: JournalEntry[] = [];
  const listeners = new Set<(numbered: Numbered) => void>();
  let first = 0;

  return {
    add: (entry) => {
      entries.push(entry);
      if (entries.length > mostEntries) first += entries.splice(0, entries.length - mostEntries).length;
      const numbered = { n: first + entries.length - 1, entry };
      for (const listener of listeners) listener(numbered);
    },
    entries: () => entries,
    find: (n) => entries[n - first],
    last: (count) => {
      const from = Math.max(0, entries.length - count);
      return entries.slice(from).map((entry, index) => ({ n: first + from + index, entry }));
    },
    onEntry: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
