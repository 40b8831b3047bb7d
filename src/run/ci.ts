import * as v from 'valibot';
import type { Asker } from '../outcome/outcome.ts';
import { quote } from './environment-rules.ts';

/** What coldframe.yml says of a CI that asks for runs over HTTP. Without it none can. */
export interface CiSettings {
  /** The environments where each key may run, by the key's id; its secret is an SSM parameter of that name. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Absent: no provider's tokens are taken. */
  readonly oidc?: OidcSettings;
}

/** Whose tokens are taken, and what they may do. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly trust: readonly Trust[];
}

/** A token whose claims all fit may run in these environments. `*` in a pattern stands for anything but a slash. */
export interface Trust {
  readonly claims: Readonly<Record<string, string>>;
  readonly environments: readonly string[];
}

/** Who a request over HTTP comes from, and where it may run. */
export interface CiCaller {
  readonly asker: Extract<Asker, { readonly kind: 'http' | 'oidc' }>;
  readonly environments: readonly string[];
}

/** What serverless.yml names when coldframe.yml names no provider: GitHub's, whose tokens then may do nothing. */
export const usualOidc = { issuer: 'https://token.actions.githubusercontent.com', audience: 'coldframe' };

/** The caller that a key stands for, or undefined when coldframe.yml does not know it. */
export function callerOfKey(keyId: string, { keys }: CiSettings): CiCaller | undefined {
  const environments = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined;
  return environments && { asker: { kind: 'http', keyId }, environments };
}

/** The caller that a verified token stands for; one that nobody trusts may run nowhere. */
export function callerOfToken(claims: Readonly<Record<string, string>>, { oidc }: CiSettings): CiCaller {
  const trusted = oidc?.trust.filter(({ claims: wanted }) =>
    Object.entries(wanted).every(([name, pattern]) => Object.hasOwn(claims, name) && claimFits(claims[name] ?? '', pattern)),
  );
  return {
    asker: { kind: 'oidc', subject: subjectOf(claims) },
    environments: [...new Set(trusted?.flatMap(({ environments }) => environments))],
  };
}

/** `example/shop@main`; where a provider names no repository, the token's own subject. */
function subjectOf(claims: Readonly<Record<string, string>>): string {
  const repository = claims.repository ?? claims.project_path;
  const name = repository === undefined ? (claims.sub ?? 'nobody') : `${repository}@${(claims.ref ?? '').replace(/^refs\/heads\//, '')}`;
  return name.replace(/@$/, '').slice(0, 500);
}

function claimFits(claim: string, pattern: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*');
  return new RegExp(`^${source}$`).test(claim);
}

const environments = v.pipe(
  v.array(
    v.string('must be the name of an environment'),
    ({ input }) => `must be a list of environments, like \`[staging]\`, not ${quote(input)}`,
  ),
  v.minLength(1, 'names no environment: write at least one, like `[staging]`'),
  v.maxLength(50, 'has at most 50 entries'),
  v.readonly(),
);

const keyId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{0,39}$/,
    ({ input }) => `${quote(input)} is not the id of a key: use at most 40 lower case letters, digits and \`-\``,
  ),
);

/** What says whose token it is. Anybody in the world may get a token of a public CI: one of these must be asked for. */
const identities = ['repository', 'repository_id', 'project_path', 'project_id', 'sub'];

const claims = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.regex(/^[\w.:/-]{1,100}$/, ({ input }) => `${quote(input)} is not the name of a claim`),
    ),
    v.pipe(
      v.string(({ input }) => `must be text: put ${quote(input)} in quotes`),
      v.minLength(1, 'has no value'),
      v.maxLength(300, 'has at most 300 characters'),
    ),
    'must be a mapping from claims to what they must be: `{ repository: example/shop, ref: refs/heads/main }`',
  ),
  v.check(
    (given) => identities.some((name) => Object.hasOwn(given, name)),
    'would let in anybody who has an account there: ask for `repository` (GitHub), `project_path` (GitLab) or `sub`',
  ),
  v.check(
    (given) => !identities.some((name) => Object.hasOwn(given, name)) || identities.some((name) => hasOwner(given[name] ?? '')),
    'leaves open whose it is: write the owner without `*`, like `repository: example/*`',
  ),
);

/** A pattern without a star, or one like `example/*` or `repo:example/shop:*`: nobody else has what fits it. */
const hasOwner = (pattern: string): boolean => pattern !== '' && (!pattern.includes('*') || /^[^*]*[^*/]\//.test(pattern));

const issuer = v.pipe(
  v.string(({ input }) => `must be the address of the provider, not ${quote(input)}`),
  v.regex(
    /^https:\/\/[^\s?#@]+$/,
    ({ input }) => `${quote(input)} is not the address of a provider: write it like \`${usualOidc.issuer}\``,
  ),
);

/** Valibot takes a list for a record whose keys are numbers. */
const mapping = (message: string) =>
  v.custom<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), message);

/** The words of what valibot only says in its own: a field that is missing, or one too many. */
const fieldMessage =
  (required: Readonly<Record<string, string>>) =>
  ({ expected }: { readonly expected: string | null }): string => {
    if (expected === 'never') return 'is not a field we know';
    const missing = required[String(expected).replaceAll('"', '')];
    return missing === undefined ? 'must be a mapping' : `is missing: ${missing}`;
  };

/** The section `ci` of coldframe.yml, and of the JSON that functions read. */
export const ciSchema: v.GenericSchema<unknown, CiSettings> = v.strictObject(
  {
    keys: v.optional(
      v.pipe(mapping('must be a mapping from the ids of keys to environments: `{ merges: [staging] }`'), v.record(keyId, environments)),
      {},
    ),
    oidc: v.exactOptional(
      v.strictObject(
        {
          issuer,
          audience: v.pipe(
            v.string('must be text'),
            v.regex(/^[\w.:/-]{1,200}$/, ({ input }) => `${quote(input)} is not an audience: write it like \`coldframe\``),
          ),
          trust: v.pipe(
            v.array(
              v.strictObject(
                { claims, environments },
                fieldMessage({
                  claims: 'say whose token it must be: `{ repository: example/shop }`',
                  environments: 'say where it may run: `[staging]`',
                }),
              ),
              'must be a list of `claims` and `environments`',
            ),
            v.minLength(1, 'trusts nobody: write at least one'),
            v.maxLength(50, 'has at most 50 entries'),
            v.readonly(),
          ),
        },
        fieldMessage({
          issuer: `add the provider, like \`${usualOidc.issuer}\``,
          audience: 'add what a token must be made for, like `coldframe`',
          trust: 'say whose tokens may run where',
        }),
      ),
    ),
  },
  fieldMessage({}),
);

/** What is wrong with settings whose fields are right one by one; `path` leads to the field that should change. */
export function ciClashes(
  { keys, oidc }: CiSettings,
  known: readonly string[],
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const named = [
    ...Object.entries(keys).map(([id, names]) => ({ path: ['keys', id], names })),
    ...(oidc?.trust ?? []).map(({ environments: names }, index) => ({ path: ['oidc', 'trust', String(index), 'environments'], names })),
  ];
  const isEmpty = named.length === 0;
  return [
    ...(isEmpty ? [{ path: [], message: 'lets nobody in: add `keys` or `oidc`, or leave it out' }] : []),
    ...named.flatMap(({ path, names }) =>
      names
        .filter((name) => !known.includes(name))
        .map((name) => ({ path, message: `names ${quote(name)}, which is no environment of this file` })),
    ),
  ];
}
