import { border, unsupported } from './block-kit-parts.ts';
import { boolean, byType, type Check, type Fields, integer, list, object, oneOf, optional, string, webUrl } from './json-shape.ts';

const style = optional(
  object({
    bold: optional(boolean),
    italic: optional(boolean),
    strike: optional(boolean),
    code: optional(boolean),
    underline: optional(boolean),
  }),
);

const piece = (type: string, fields: Fields): Check => object({ type: oneOf([type]), style, ...fields });

const text = piece('text', { text: string({}) });
const link = piece('link', { url: webUrl(), text: optional(string({})), unsafe: optional(boolean) });

const inline = byType(
  {
    text,
    link,
    user: piece('user', { user_id: string({}) }),
    usergroup: piece('usergroup', { usergroup_id: string({}) }),
    channel: piece('channel', { channel_id: string({}) }),
    emoji: piece('emoji', { name: string({}), unicode: optional(string({})) }),
    broadcast: piece('broadcast', { range: oneOf(['here', 'channel', 'everyone']) }),
    date: piece('date', {
      timestamp: integer(0, Number.MAX_SAFE_INTEGER),
      format: string({}),
      url: optional(webUrl()),
      fallback: optional(string({})),
    }),
  },
  (type) => (type === 'color' || type === 'team' ? `the local Slack does not offer \`${type}\`` : `unsupported type: ${type}`),
);

const sectionPart = object({ type: oneOf(['rich_text_section']), elements: list(inline) });

const parts = byType(
  {
    rich_text_section: sectionPart,
    rich_text_list: object({
      type: oneOf(['rich_text_list']),
      elements: list(byType({ rich_text_section: sectionPart }, unsupported([]))),
      style: oneOf(['bullet', 'ordered']),
      indent: optional(integer(0, 8)),
      offset: optional(integer(0, Number.MAX_SAFE_INTEGER)),
      border,
    }),
    rich_text_quote: object({ type: oneOf(['rich_text_quote']), elements: list(inline), border }),
    rich_text_preformatted: object({
      type: oneOf(['rich_text_preformatted']),
      elements: list(byType({ text, link }, unsupported([]))),
      border,
    }),
  },
  unsupported([]),
);

/** Formatted text, as a block or as a table's cell. */
export const richText: Check = object({
  type: oneOf(['rich_text']),
  block_id: optional(string({ max: 255 })),
  elements: list(parts),
});
