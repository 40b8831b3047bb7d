/** An element of a page, or text: what the browser builds without ever reading HTML from a message. */
export type ViewNode = string | ViewElement;

export interface ViewElement {
  readonly tag: Tag;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly ViewNode[];
  /** What happens when a person uses the element. */
  readonly act?: Act;
}

export type Tag =
  | 'a'
  | 'blockquote'
  | 'button'
  | 'code'
  | 'div'
  | 'em'
  | 'fieldset'
  | 'figcaption'
  | 'figure'
  | 'h3'
  | 'hr'
  | 'br'
  | 'img'
  | 'input'
  | 'label'
  | 'legend'
  | 'li'
  | 'ol'
  | 'optgroup'
  | 'option'
  | 'p'
  | 'pre'
  | 's'
  | 'select'
  | 'small'
  | 'span'
  | 'strong'
  | 'table'
  | 'tbody'
  | 'td'
  | 'textarea'
  | 'time'
  | 'tr'
  | 'u'
  | 'ul';

/** An action that goes to the app, after a confirmation if there is one. */
export interface Act {
  readonly blockId: string;
  readonly actionId: string;
  /** A link to open as well. */
  readonly url?: string;
  /** The element's own value is the choice (a menu), or this one (an entry of an overflow menu). */
  readonly choice?: string;
  readonly confirm?: ConfirmView;
}

/** The dialog before an action. */
export interface ConfirmView {
  readonly title: string;
  readonly text: readonly ViewNode[];
  readonly yes: string;
  readonly no: string;
  readonly isDangerous: boolean;
}

/** Whether an element, or one within it, has this class. */
export function isMarked(node: ViewNode, name: string): boolean {
  if (typeof node === 'string') return false;
  const names = node.attributes?.class?.split(' ') ?? [];
  return names.includes(name) || (node.children ?? []).some((child) => isMarked(child, name));
}

/** An element with a class. */
export const classed = (tag: Tag, name: string, children: readonly ViewNode[]): ViewElement => ({
  tag,
  attributes: { class: name },
  children,
});

export const element = (tag: Tag, children: readonly ViewNode[] = []): ViewElement => ({ tag, children });

/** A link that opens beside the page; anything but http, https and mailto stays text. */
export function link(url: string, children: readonly ViewNode[]): ViewNode {
  const { protocol } = URL.parse(url) ?? {};
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'mailto:') return { tag: 'span', children: [...children, ` (${url})`] };
  return { tag: 'a', attributes: { href: url, target: '_blank', rel: 'noopener noreferrer' }, children };
}

/** An image from this machine; one from elsewhere is a link, since the page asks nobody else for anything. */
export function image(url: string, alt: string): ViewNode {
  const { hostname } = URL.parse(url) ?? {};
  const isLocal = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
  return isLocal ? { tag: 'img', attributes: { src: url, alt, loading: 'lazy' } } : link(url, [`Image: ${alt}`]);
}

/** A picture that a person can look at more closely. */
export function picture(url: string, alt: string): ViewNode {
  const shown = image(url, alt);
  return typeof shown === 'string' || shown.tag !== 'img' ? shown : closely(shown);
}

/** A picture that the page's own server has. */
export const ownPicture = (path: string, alt: string): ViewNode => closely({ tag: 'img', attributes: { src: path, alt, loading: 'lazy' } });

function closely(shown: ViewElement): ViewNode {
  return { tag: 'button', attributes: { type: 'button', class: 'picture', title: 'Look at it more closely' }, children: [shown] };
}
