import { readFile } from 'node:fs/promises';

const placeholder = 'https://coldframe.example.com';

/** slack-app.yml with the stack's own address in it. @throws when the file names another one than the placeholder */
export async function manifestFor(publicUrl: string, file = new URL('../../../slack-app.yml', import.meta.url)): Promise<string> {
  const manifest = await readFile(file, 'utf8');
  const withoutHead = manifest.replace(/^(?:#.*\n)+/, '');
  if (!withoutHead.includes(`${placeholder}/`))
    throw new Error(`slack-app.yml does not name ${placeholder}: its addresses are somebody's own`);
  return withoutHead.replaceAll(`${placeholder}/`, `${publicUrl.replace(/\/+$/, '')}/`);
}

/** What to click in Slack, one thing a line. */
export const clicks = (stage: string): readonly string[] => [
  'In Slack:',
  '1. https://api.slack.com/apps → Create New App → From a manifest → your workspace → YAML → paste all of the above → Create.',
  '   (An app that is there already: App Manifest → paste → Save Changes.)',
  '2. Install App → Install to Workspace → Allow. After a change of scopes: Reinstall.',
  `3. npm run coldframe -- setup parameters --stage ${stage}, which asks for the signing secret and the bot token.`,
  '4. In each channel of coldframe.yml: /invite @Coldframe',
];
