import { chosenRows } from './choice.js';
import { rows } from './data.js';
import { byId } from './dom.js';
import { chooseOnly, startFilters } from './filters.js';
import { openFirst } from './items.js';
import { reveal, showForPaper, showList } from './list.js';

/** Goes where the address's fragment leads: to a scenario, or to all of a kind or of a cause. */
function follow(fragment) {
  const [, what, which] = /^(show|cause)=(\w+)$/.exec(fragment) ?? [];
  if (what) {
    chooseOnly(what === 'show' ? { kinds: [which] } : { cause: Number(which) });
    byId('scenarios').scrollIntoView();
    return;
  }
  const index = rows.findIndex(({ anchor }) => anchor === fragment);
  if (index < 0) return;
  if (!chosenRows().includes(index)) chooseOnly();
  reveal(index);
}

/** Everybody reads times in their own zone. */
for (const time of document.querySelectorAll('time')) {
  time.title = time.dateTime;
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

if (rows.length > 0) {
  openFirst();
  startFilters();
  showList();
  follow(location.hash.slice(1));
  addEventListener('hashchange', () => follow(location.hash.slice(1)));
  // The same link a second time changes no address.
  addEventListener('click', ({ target }) => {
    const link = target.closest('a[href^="#"]');
    if (link?.hash === location.hash && link.hash !== '') follow(link.hash.slice(1));
  });
  addEventListener('beforeprint', showForPaper);
}
