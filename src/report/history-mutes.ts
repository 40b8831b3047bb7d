import type { Mute } from '../hearing/hearing.ts';
import { plural } from '../message/text.ts';
import { plainText } from '../outcome/error-text.ts';
import type { History } from '../outcome/history.ts';
import { escapeHtml } from './html.ts';

/** So many mutes are shown, and so many scenarios of each. */
const shown = 30;
const shownScenarios = 5;

const time = (at: string): string => `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;

const oneLine = (text: string): string => plainText(text).replace(/\s+/g, ' ').trim();

/** What somebody has muted, who that was, since when and until when; nothing when nothing is muted. */
export function mutedPart(mutes: readonly Mute[], { scenarios }: History): string {
  if (mutes.length === 0) return '';
  const names = new Map(scenarios.map(({ id, scenario }) => [id, scenario]));
  const items = mutes
    .toReversed()
    .slice(0, shown)
    .map((mute) => item(mute, names));
  const more = mutes.length > shown ? `<p class="soft">and ${mutes.length - shown} more</p>` : '';
  return `<section class="card" aria-labelledby="muted"><h2 id="muted">Muted <span class="soft">fails runs as before, and pings nobody until it passes</span></h2><ol class="plain ranked">${items.join('')}</ol>${more}</section>`;
}

function item({ words, by, at, until, run, ref, scenarios }: Mute, names: ReadonlyMap<string, string>): string {
  const known = scenarios.flatMap((id) => names.get(id) ?? []);
  const listed = known.slice(0, shownScenarios).map((name) => `<bdi>${escapeHtml(oneLine(name))}</bdi>`);
  const left = scenarios.length - listed.length;
  const which = [...listed, ...(left > 0 ? [plural(left, listed.length === 0 ? 'scenario' : 'other')] : [])].join(', ');
  const where = ref === undefined ? '' : ` at <bdi>${escapeHtml(ref)}</bdi>`;
  const who = `by <code>${escapeHtml(by)}</code> ${time(at)}, until ${time(until)}`;
  return `<li><span class="pair"><bdi>${escapeHtml(oneLine(words) || 'a failure')}</bdi></span><span class="soft line">${which}</span><span class="soft line">${who} · ${escapeHtml(run)}${where}</span></li>`;
}
