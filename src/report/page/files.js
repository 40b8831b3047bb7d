import { node, plural, quoted } from './dom.js';

const shortText = 400;

/** Only addresses that lead somewhere, or to a file beside the page: nothing that would run. */
const isAddress = (address) => /^(?:https?:|data:(?!text\/html)|(?![a-z][\w+.-]*:))/i.test(address);

function pictureView({ src, name }) {
  const picture = node('img', { src, alt: name || 'Picture', loading: 'lazy' });
  // Pages may not be opened at the address of data; such a picture is looked at here.
  const framed = src.startsWith('data:') ? picture : node('a', { href: src, target: '_blank', rel: 'noopener' }, picture);
  return node('figure', {}, framed, node('figcaption', { class: 'soft' }, quoted(name)));
}

function textView({ text, name }) {
  const shown = node('pre', { tabindex: 0 }, text);
  if (text.length <= shortText && text.split('\n').length <= 6)
    return node('div', { class: 'log' }, name && node('p', { class: 'soft' }, quoted(name)), shown);
  return node('details', {}, node('summary', {}, quoted(name || 'Text'), ` (${plural(text.split('\n').length, 'line')})`), shown);
}

function linkView({ href, name, isDownload }) {
  if (!isAddress(href)) return node('p', {}, quoted(href));
  const how = isDownload ? { download: name } : { target: '_blank' };
  return node('p', {}, node('a', { href, rel: 'noopener', ...how }, quoted(name)));
}

const views = { picture: pictureView, text: textView, link: linkView, note: ({ text }) => node('p', { class: 'soft' }, quoted(text)) };

/** What a suite attached: pictures, texts, links. */
export function filesView(files = []) {
  if (files.length === 0) return undefined;
  return node(
    'div',
    { class: 'files' },
    files.map((file) => views[file.kind](file)),
  );
}
