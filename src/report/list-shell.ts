import { plural } from '../message/text.ts';
import type { ReportPage } from './report-page.ts';

/** The place where the page's script shows the scenarios, and what they are chosen by. */
export const listShell = ({ scenarios }: ReportPage): string => {
  const count = scenarios.all.length;
  if (count === 0) return '';
  return `<section id="scenarios" aria-labelledby="all" tabindex="-1">
<div class="toolbar">
<h2 id="all">Scenarios</h2>
<form id="filters" role="search" hidden>
<label class="search"><span class="unseen">Search in names, tags and errors</span><input id="search" type="search" placeholder="Search in names, tags, errors" autocomplete="off" spellcheck="false"></label>
<fieldset id="chips"><legend class="unseen">Show</legend></fieldset>
<label><span class="unseen">Feature</span><select id="feature"><option value="">All features</option></select></label>
<label><span class="unseen">Tag</span><select id="tag"><option value="">All tags</option></select></label>
<button type="button" id="expand">Expand all</button>
</form>
</div>
<p class="found soft"><span id="found" role="status"></span> <button type="button" id="reset" hidden>Show all</button></p>
<noscript><p class="note">The ${plural(count, 'scenario')} are shown by a script, which is switched off here. Cucumber’s messages, beside this page, have them too.</p></noscript>
<div id="list"></div>
</section>
`;
};
