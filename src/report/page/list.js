import { choice, chosenRows, isNarrowed } from './choice.js';
import { rows } from './data.js';
import { byId, plural } from './dom.js';
import { featureView, open, scenarioView } from './items.js';
import { windowedList } from './windows.js';

const build = (item) => (item.indexes ? featureView(item, toggleFeature) : scenarioView(item));
const list = windowedList(byId('list'), build);

/** Features and, below those that are open, their scenarios. */
function itemsOf(indexes) {
  const ofFeatures = Map.groupBy(indexes, (index) => rows[index].feature);
  return [...ofFeatures].flatMap(([feature, all]) => [
    { feature, indexes: all },
    ...(open.features.has(feature) ? all.map((index) => ({ index })) : []),
  ]);
}

/** Shows what is chosen, as it is open now. */
export function showList() {
  const indexes = chosenRows();
  const found = `${indexes.length.toLocaleString('en')} of ${plural(rows.length, 'scenario')}`;
  byId('found').textContent = isNarrowed() ? `${found}${choice.cause === undefined ? '' : ', those that failed for this one cause'}` : '';
  byId('reset').hidden = !isNarrowed();
  list.show(itemsOf(indexes));
}

function toggleFeature(feature) {
  if (open.features.has(feature)) open.features.delete(feature);
  else open.features.add(feature);
  showList();
  list.reach((item) => item.indexes && item.feature === feature);
  byId(`feature-${feature}`)?.querySelector('button').focus({ preventScroll: true });
}

/** Brings a scenario onto the screen, open. */
export function reveal(index) {
  open.features.add(rows[index].feature);
  open.scenarios.add(index);
  showList();
  list.reach((item) => item.index === index);
  const article = byId(rows[index].anchor);
  article.querySelector('button').focus({ preventScroll: true });
  article.scrollIntoView();
  // Its neighbours are built now, and are not as high as was guessed.
  requestAnimationFrame(() => requestAnimationFrame(() => article.scrollIntoView()));
}

const mostOnPaper = 100;

/** On paper there is no scrolling: what failed is all there, open. */
export function showForPaper() {
  const bad = chosenRows().filter((index) => rows[index].status !== 'passed' && rows[index].status !== 'skipped');
  const before = { features: new Set(open.features), scenarios: new Set(open.scenarios) };
  for (const index of bad.slice(0, mostOnPaper)) {
    open.features.add(rows[index].feature);
    open.scenarios.add(index);
  }
  list.show(itemsOf(bad.slice(0, mostOnPaper)));
  list.fillAll();
  addEventListener(
    'afterprint',
    () => {
      Object.assign(open, before);
      showList();
    },
    { once: true },
  );
}
