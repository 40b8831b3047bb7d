import { randomBytes } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { namesThere, type WriteParameters } from './parameters.ts';

export interface WriteCiKeys extends Pick<WriteParameters, 'stage' | 'client' | 'replace' | 'isDryRun' | 'say'> {
  readonly region: string;
  /** The ids that coldframe.yml knows. */
  readonly known: readonly string[];
  /** The ids that somebody named; none: all of them. */
  readonly asked: readonly string[];
}

/**
 * Makes the secrets of CI's keys that are not there yet, and says how to give them to the CI. Said again, it writes nothing; no secret
 * is ever shown.
 *
 * @throws for a key that coldframe.yml does not know; nothing is written then
 */
export async function writeCiKeys({ stage, region, client, known, asked, replace, isDryRun, say }: WriteCiKeys): Promise<void> {
  const unknown = [...asked, ...replace].filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new Error(unknownText(unknown, known));
  const nameOf = (id: string): string => `/coldframe/${stage}/ci/${id}`;
  const ids = asked.length > 0 ? asked : known;
  const there = await namesThere(ids.map(nameOf), { client, isDryRun, say });
  for (const id of ids) {
    const name = nameOf(id);
    if (there.has(name) && !replace.includes(id)) say(`${name} is there and stays (--replace ${id} changes it)`);
    else if (isDryRun) say(`would write ${name} (made here: a CI signs with it)`);
    else {
      const Value = randomBytes(32).toString('hex');
      await client.send(new PutParameterCommand({ Name: name, Value, Type: 'SecureString', Overwrite: there.has(name) }));
      for (const line of givenText(id, name, region)) say(line);
    }
  }
}

const unknownText = (unknown: readonly string[], known: readonly string[]): string =>
  `coldframe.yml knows no key ${unknown.join(', ')}: add it to ci.keys, with the environments where it may run${known.length > 0 ? ` (there are: ${known.join(', ')})` : ''}.`;

/** From SSM straight into the CI, past every screen and every shell's history. */
const givenText = (id: string, name: string, region: string): readonly string[] => [
  `wrote ${name}. The CI needs it as COLDFRAME_KEY, and COLDFRAME_KEY_ID=${id}; for GitHub:`,
  `  aws ssm get-parameter --region ${region} --with-decryption --name ${name} --query Parameter.Value --output text | gh secret set COLDFRAME_KEY`,
];
