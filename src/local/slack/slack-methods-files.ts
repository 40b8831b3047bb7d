import { isRecord, type Problem } from './json-shape.ts';
import type { SlackFile } from './slack-files.ts';
import { tiers } from './slack-limits.ts';
import { type Args, type Methods, type Reply, refused, refusedFor, type SlackWorld, structured, text } from './slack-method.ts';

const altTextMax = 1_000;
/** Slack takes a gigabyte. */
const sizeMax = 1_073_741_824;

/**
 * Uploading files: the address for the bytes, and that they are there. What was uploaded belongs to the app alone until a message
 * of it shows the file; sharing it as a message of its own (`channel_id`) is not offered.
 *
 * @see https://docs.slack.dev/messaging/working-with-files
 */
export const fileMethods: Methods = {
  'files.getUploadURLExternal': {
    scopes: ['files:write'],
    limit: tiers.tier4,
    required: ['filename', 'length'],
    optional: ['alt_txt'],
    run: (args, world) => {
      const sizeBytes = Number(text(args, 'length'));
      if (sizeBytes === 0) return refused('missing_argument');
      if (!Number.isInteger(sizeBytes) || sizeBytes < 0)
        return refusedFor('invalid_arguments', [{ pointer: '/length', because: 'must be an integer' }]);
      if (sizeBytes > sizeMax) return refused('file_upload_size_restricted');
      if (text(args, 'alt_txt').length > altTextMax) return refused('alt_txt_too_large');
      const { id, path } = world.files.begin({ name: text(args, 'filename'), sizeBytes });
      return { ok: true, upload_url: `${world.url()}${path}`, file_id: id };
    },
  },

  'files.completeUploadExternal': {
    scopes: ['files:write'],
    limit: tiers.tier4,
    required: ['files'],
    optional: [],
    run: (args, world) => {
      const named = filesOf(args);
      if (named.kind === 'refused') return named.reply;
      const completed = named.files.map(({ id, title }) => world.files.complete(id, title));
      const files = completed.filter((file) => file !== undefined);
      if (files.length < completed.length) return refused('file_not_found');
      return { ok: true, files: files.map((file) => wireFile(file, world)) };
    },
  },
};

type Named =
  | { readonly kind: 'files'; readonly files: readonly { readonly id: string; readonly title?: string }[] }
  | { readonly kind: 'refused'; readonly reply: Reply };

function filesOf(args: Args): Named {
  const given = structured(args, 'files');
  const problem = (pointer: string, because: string): readonly Problem[] => [{ pointer, because }];
  if (!Array.isArray(given) || given.length === 0)
    return { kind: 'refused', reply: refusedFor('invalid_arguments', problem('/files', 'must provide an array of at least one file')) };
  const problems = given.flatMap((one, index) => {
    if (!isRecord(one) || typeof one.id !== 'string') return problem(`/files/${index}/id`, 'must provide a string');
    if (one.title !== undefined && typeof one.title !== 'string') return problem(`/files/${index}/title`, 'must provide a string');
    const unknown = Object.keys(one).filter((name) => name !== 'id' && name !== 'title');
    return unknown.flatMap((name) => problem(`/files/${index}/${name}`, `the local Slack does not offer \`${name}\``));
  });
  return problems.length > 0 ? { kind: 'refused', reply: refusedFor('invalid_arguments', problems) } : { kind: 'files', files: given };
}

/** A file just completed: Slack tells what it is (`mimetype`) only once it has been processed. */
function wireFile(file: SlackFile, { state, files, url }: SlackWorld): object {
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: '',
    filetype: '',
    user: state.workspace.bot.userId,
    mode: 'hosted',
    is_external: false,
    is_public: false,
    size: file.sizeBytes,
    url_private: `${url()}${files.privatePath(file)}`,
    channels: [],
    groups: [],
    ims: [],
    shares: {},
  };
}
