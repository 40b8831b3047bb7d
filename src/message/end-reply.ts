import { section } from './blocks.ts';
import { failureParts } from './failure-parts.ts';
import { endPhrase, endWords } from './finished.ts';
import { fit } from './fit.ts';
import { reportedPhrase } from './lost-shards.ts';
import { mentionOf } from './mention.ts';
import type { Message } from './message.ts';
import type { EndView } from './run-view.ts';
import { askerWords, outcomeWord } from './words.ts';

/** A person reads a handful of failures here; the rest is for the report. */
const shownFailures = 10;

/**
 * The one reply in the run's thread: what failed, in full, and the names of those whom an edit of the message does not notify: whoever
 * asked, and whoever is to look at what is new. Undefined when nothing failed, or somebody has cancelled it, and nobody is to be told; what
 * goes on failing, in the thread where it was told before, is not told there again.
 */
export function endReply(view: EndView): Message | undefined {
  const { outcome } = view.run.phase;
  const { asker, environment } = view.plan;
  const people = [...new Set(peopleOf(view))];
  const isToldBefore = view.heard?.place.kind === 'thread';
  const failures = isToldBefore || !('failures' in outcome) ? [] : (outcome.failures ?? []);
  if (people.length === 0 && (failures.length === 0 || outcome.kind === 'cancelled')) return undefined;
  const phrase = [reportedPhrase(outcome), endPhrase(view)].filter((part) => part !== '').join(' · ');
  const said = `*${environment} ${outcomeWord(outcome).word}*${phrase === '' ? '' : `: ${phrase}`}`;
  const report = view.reportUrl === undefined ? '' : ` · <${view.reportUrl}|report>`;
  return fit({
    text: `${endWords(view)} (asked for by ${askerWords(asker)})`,
    head: [section(`${people.map((one) => `${one} `).join('')}${said}${report}`)],
    ...failureParts(failures, view),
    most: shownFailures,
    foot: [],
  });
}

function peopleOf({ plan: { asker }, run, heard }: EndView): readonly string[] {
  const { outcome } = run.phase;
  // Who has cancelled it knows.
  const isOwnCancel =
    outcome.kind === 'cancelled' && outcome.by.kind === 'slack' && asker.kind === 'slack' && outcome.by.userId === asker.userId;
  const isTold = asker.kind === 'slack' && !isOwnCancel && heard?.tellsAsker === true;
  return [...(isTold ? [`<@${asker.userId}>`] : []), ...(heard?.place.kind === 'standing' ? heard.pings.map(mentionOf) : [])];
}
