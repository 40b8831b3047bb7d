import type { Store } from '../aws/store.ts';
import { headline } from '../coldstart/as-text.ts';
import { type ColdStartsCommand, windowText } from '../coldstart/command.ts';
import { coldStartsHeadline, parseHeadline } from '../coldstart/request.ts';
import type { Summary } from '../coldstart/summary.ts';

/** What was last found in one sentence. */
export const readHeadline = async (store: Store): Promise<{ readonly at: string; readonly text: string } | undefined> =>
  (await store.get(coldStartsHeadline, parseHeadline))?.value;

/** Keeps what was found, for people's Home. */
export async function keepHeadline(
  summary: Summary,
  { askedAt, windowMs, functions }: Pick<ColdStartsCommand, 'windowMs' | 'functions'> & { readonly askedAt: string },
  store: Store,
): Promise<void> {
  const text = `${functions.map((name) => `${name}, `).join('')}${windowText(windowMs)}: ${headline(summary)}`;
  await store.update(coldStartsHeadline, parseHeadline, (now) =>
    now !== undefined && now.at >= askedAt ? now : { version: 1 as const, at: askedAt, text },
  );
}
