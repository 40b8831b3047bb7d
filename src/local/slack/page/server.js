import { byId } from './dom.js';

let me = '';

/** Says for whom everything is done from now on. */
export const actAs = (userId) => {
  me = userId;
};

/** Says what went wrong, or that all is well again. */
export function showTrouble(text) {
  byId('status').textContent = text;
}

/** Does something as the person who looks; resolves to the answer, and shows what went wrong. */
export const act = (deed, body) => post(`/page/${deed}`, { userId: me, ...body });

/** Sends JSON; resolves to the answer, and shows what went wrong. */
export async function post(path, body) {
  try {
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const answer = await response.json();
    showTrouble(answer.because ?? answer.error ?? '');
    return answer;
  } catch (error) {
    showTrouble(`The local Slack does not answer: ${error.message}`);
    return { kind: 'failed', because: `The local Slack does not answer: ${error.message}` };
  }
}

/** Reads JSON. */
export async function read(path) {
  const response = await fetch(path);
  return await response.json();
}

const pauseMs = 1_000;

/**
 * Listens to a stream of events, and again whenever it breaks off, also when there was no server for a while.
 *
 * @param listeners by the event's name, each called with its JSON
 * @param isForEyes nobody needs it in a tab that is not looked at; a browser opens only six connections to one server, for all tabs
 * @returns what ends it
 */
export function listen(path, listeners, { onBroken = () => {}, isForEyes = false } = {}) {
  let source;
  let again;
  function open() {
    source = new EventSource(path);
    for (const [name, hear] of Object.entries(listeners)) source.addEventListener(name, ({ data }) => hear(JSON.parse(data)));
    source.onerror = () => {
      onBroken();
      // The browser itself tries again only after a connection that was cut.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, pauseMs);
    };
  }
  function close() {
    clearTimeout(again);
    source?.close();
  }
  function look() {
    close();
    if (document.visibilityState === 'visible') open();
  }
  open();
  if (isForEyes) document.addEventListener('visibilitychange', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
