import { build } from './build.js';
import { byId, node } from './dom.js';
import { act } from './server.js';

/** The two tabs of the conversation with the app: its messages, and its Home. */
export function appHome(onTab) {
  const tabs = [byId('tab-messages'), byId('tab-home')];
  let tab = 'messages';

  function choose(chosen) {
    tab = chosen;
    if (chosen === 'home') act('home', {});
    onTab();
  }

  for (const [index, button] of tabs.entries()) {
    button.addEventListener('click', () => choose(button.id.replace('tab-', '')));
    button.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      const other = tabs[1 - index];
      other.focus();
      other.click();
    });
  }

  return {
    isShown: () => tab === 'home',
    /** Shows the tabs for the app's conversation, and the Home if that is chosen. */
    show: (channel, home, app, onAct) => {
      const isApp = channel.kind === 'direct';
      if (!isApp) tab = 'messages';
      byId('app-tabs').hidden = !isApp;
      const isHome = isApp && tab === 'home';
      byId('home').hidden = !isHome;
      byId('log').hidden = isHome;
      byId('composer').hidden = isHome;
      for (const button of tabs) {
        const isChosen = button.id === `tab-${tab}`;
        button.setAttribute('aria-selected', String(isChosen));
        button.tabIndex = isChosen ? 0 : -1;
      }
      if (!isHome) return;
      const empty = node('p', { class: 'empty' }, `${app} has not published a Home for you yet.`);
      byId('home').replaceChildren(node('div', { class: 'body' }, ...(home ? build(home.content, onAct(home.id)) : [empty])));
    },
  };
}
