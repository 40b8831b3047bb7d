import { randomBytes } from 'node:crypto';
import { GetParametersCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** A secret of a stage: where its value comes from, and what it looks like. */
interface Secret {
  /** The last part of the parameter's name. */
  readonly name: string;
  /** The environment variable that may hold it. Absent: it is made here. */
  readonly variable?: string;
  readonly where: string;
  readonly pattern: RegExp;
}

/** GetParameters takes so many names at once. */
const mostNames = 10;

const secrets: readonly Secret[] = [
  {
    name: 'slack-signing-secret',
    variable: 'SLACK_SIGNING_SECRET',
    where: 'Basic Information → App Credentials → Signing Secret',
    pattern: /^[0-9a-f]{32}$/,
  },
  {
    name: 'slack-bot-token',
    variable: 'SLACK_BOT_TOKEN',
    where: 'OAuth & Permissions → Bot User OAuth Token (xoxb-…)',
    pattern: /^xoxb-[\w-]{10,}$/,
  },
  { name: 'link-secret', where: 'made here: it signs the links to reports', pattern: /^[0-9a-f]{64}$/ },
];

export interface WriteParameters {
  readonly stage: string;
  readonly client: SSMClient;
  /** Names of those that are written anew although they are there: to rotate them. */
  readonly replace: readonly string[];
  readonly isDryRun: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks somebody for a secret that no variable holds. */
  readonly askFor: (question: string) => Promise<string>;
  readonly say: (line: string) => void;
}

/**
 * Writes the secrets of a stage that are not there yet. Said again, it writes nothing.
 *
 * @throws for a secret that does not look like one, never showing it; nothing is written then
 */
export async function writeParameters({ stage, client, replace, isDryRun, env, askFor, say }: WriteParameters): Promise<void> {
  const known = secrets.map(({ name }) => name);
  const unknown = replace.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is no secret ${unknown.join(', ')}: --replace takes ${known.join(', ')}.`);
  const nameOf = (secret: Secret): string => `/coldframe/${stage}/${secret.name}`;
  const there = await namesThere(secrets.map(nameOf), { client, isDryRun, say });
  const wanted = secrets.filter((secret) => !there.has(nameOf(secret)) || replace.includes(secret.name));
  for (const secret of secrets)
    if (!wanted.includes(secret)) say(`${nameOf(secret)} is there and stays (--replace ${secret.name} changes it)`);
  if (isDryRun) {
    for (const secret of wanted) say(`would write ${nameOf(secret)} (${secret.where})`);
    return;
  }
  // All are asked for before the first is written.
  const values: (readonly [Secret, string])[] = [];
  for (const secret of wanted) values.push([secret, await askedValue(secret, { env, askFor })]);
  for (const [secret, value] of values) {
    await client.send(
      new PutParameterCommand({ Name: nameOf(secret), Value: value, Type: 'SecureString', Overwrite: there.has(nameOf(secret)) }),
    );
    say(`wrote ${nameOf(secret)}`);
  }
}

/** Which of these SSM knows. */
export async function namesThere(
  names: readonly string[],
  { client, isDryRun, say }: Pick<WriteParameters, 'client' | 'isDryRun' | 'say'>,
): Promise<ReadonlySet<string | undefined>> {
  try {
    const there = new Set<string | undefined>();
    for (let from = 0; from < names.length; from += mostNames) {
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names.slice(from, from + mostNames) }));
      for (const { Name } of Parameters) there.add(Name);
    }
    return there;
  } catch (error) {
    // A dry run is for those, too, who have no account yet.
    if (!isDryRun || !(error instanceof Error && error.name === 'CredentialsProviderError')) throw error;
    say('Without credentials nobody can see what is in SSM already.');
    return new Set();
  }
}

async function askedValue(
  { name, variable, where, pattern }: Secret,
  { env, askFor }: Pick<WriteParameters, 'env' | 'askFor'>,
): Promise<string> {
  if (variable === undefined) return randomBytes(32).toString('hex');
  const value = env[variable] || (await askFor(`${name} (${where}; or set ${variable}): `));
  if (!pattern.test(value))
    throw new Error(`What was given as ${name} does not look like one. Slack shows it at ${where}. Nothing was written.`);
  return value;
}
