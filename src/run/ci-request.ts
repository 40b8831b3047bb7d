import * as v from 'valibot';
import type { Catalogue } from './catalogue.ts';
import { checkCommand, commandText, maxCharacters, type RunCommand } from './command.ts';
import { unknownEnvironment } from './unknown-environment.ts';

/** What the body of `POST /runs` asks for. `because` is a sentence, with the way out. */
export type ParsedCiRequest =
  | {
      readonly kind: 'run';
      readonly command: RunCommand;
      /** What one would type in Slack for the same. */
      readonly text: string;
      readonly idempotencyKey: string;
    }
  | { readonly kind: 'refused'; readonly because: string };

const fields = {
  environment: v.string('must be the name of an environment'),
  idempotencyKey: v.pipe(
    v.string('must be text'),
    v.regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters, the same for the same run: the id of the build'),
  ),
  tags: v.exactOptional(v.string('must be a tag expression'), ''),
  ref: v.exactOptional(v.string('must be a branch, a tag or a commit')),
  retry: v.exactOptional(v.number('must be a number')),
  shards: v.exactOptional(v.union([v.number(), v.literal('auto')], 'must be a number, or "auto"')),
  features: v.exactOptional(v.array(v.string('must be a feature file'), 'must be a list of feature files'), []),
};

const body = v.strictObject(fields, ({ expected, received }) => {
  const known = `there are ${Object.keys(fields).join(', ')}`;
  if (expected === 'never') return `is no field of a request: ${known}`;
  return expected === 'Object' ? `must be a JSON object: ${known}; not ${received}` : 'is missing';
});

/** Reads the body of a request whose signature fits. Never throws; what is not understood is refused with the way out. */
export function parseCiRequest(text: string, catalogue: Catalogue): ParsedCiRequest {
  const parsed = v.safeParse(body, jsonOf(text));
  if (!parsed.success) {
    const [{ message }, field = 'the body'] = [parsed.issues[0], v.getDotPath(parsed.issues[0]) ?? undefined];
    return { kind: 'refused', because: `${field} ${message}` };
  }
  const { environment: name, idempotencyKey, tags, ref, retry, shards, features } = parsed.output;
  const environment = catalogue.get(name);
  if (environment === undefined) return refused(unknownEnvironment(name, catalogue));
  const checked = checkCommand(environment, {
    tags: tags.trim(),
    features,
    ...(ref !== undefined && { ref }),
    ...(retry !== undefined && { retry: String(retry) }),
    ...(shards !== undefined && { shards: String(shards) }),
  });
  if (checked.kind !== 'run') return refused(checked.kind === 'refused' ? checked.because : 'this asks for nothing');
  const typed = commandText(checked.command);
  if (typed.length > maxCharacters) return refused(`a command has at most ${maxCharacters} characters, and this has ${typed.length}`);
  return { kind: 'run', command: checked.command, text: `/run-tests ${typed}`, idempotencyKey };
}

/** Sentences are written for Slack: without its bold and its entities they read well anywhere. */
function refused(because: string): ParsedCiRequest {
  const plain = because
    .replace(/\*([a-z0-9-]+)\*/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return { kind: 'refused', because: plain };
}

function jsonOf(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? undefined : json;
  } catch {
    // What is no JSON is no request: the schema says so.
    return undefined;
  }
}
