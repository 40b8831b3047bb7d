import { escapeText } from '../../src/message/text.ts';
import { type Said, said, usual } from './catalogue.ts';

/** docs/messages.md: everything that we say, with its picture. Words only: `npm run gallery` makes the pictures. */
export function galleryPage(): string {
  return `# What Coldframe says in Slack

Every message, modal and view, as the local channel shows it: when it is said, who sees it, and what notifications and screen readers say
instead. Made by \`npm run gallery\` from \`test/message/catalogue.ts\`, which a test holds against Slack's limits at sizes from nothing to a
thousand and with hostile texts. Here each is about two things: two failures, two environments, two schedules.

Where Slack refuses a kind of block, the same is said in paragraphs with the same buttons, and at last in the words of the last column.

| what | when, and who sees it | picture | in words |
| --- | --- | --- | --- |
${said.map(rowOf).join('\n')}
`;
}

/** So many there are of what a message is about in its picture. */
export const gallerySize = 2;

function rowOf({ name, when, who, make }: Said): string {
  const shown = make(gallerySize, usual);
  const words = 'text' in shown ? shown.text : 'title' in shown ? `_${shown.title.text}_` : '_Home_';
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const sentence = `${when.charAt(0).toUpperCase()}${when.slice(1)}. Seen by ${who}.`;
  return `| ${name} | ${cell(sentence)} | ![${name}](images/messages/${name}.png) | ${cell('text' in shown ? escapeOnce(words) : words)} |`;
}

/** Markdown takes what is escaped for Slack as it is. */
const escapeOnce = (text: string): string => (/&(?:amp|lt|gt);/.test(text) ? text : escapeText(text));
