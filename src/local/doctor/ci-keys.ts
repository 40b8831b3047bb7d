import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const about = 'ci';
/** A signature can be tried on a fast machine as often as one likes: 128 bits in hexadecimal cannot be found so. */
const shortest = 32;

/** Each key of coldframe.yml has a secret that nobody can guess, and SSM holds none that coldframe.yml does not know. */
export async function ciKeys(patient: Patient): Promise<readonly Finding[]> {
  const { ci, config, stage } = patient;
  const ids = Object.keys(ci?.keys ?? {});
  const secrets = await secretsBelow(config.ciKeysPath, patient);
  const findings = [
    ...ids.flatMap((id) => keyFinding(id, secrets.get(id), { path: config.ciKeysPath, stage })),
    ...[...secrets.keys()].filter((id) => !ids.includes(id)).map((id) => unknownFinding(`${config.ciKeysPath}/${id}`)),
  ];
  if (findings.length > 0 || ids.length === 0) return findings;
  return [{ kind: 'well', about, says: `SSM holds the secret of each key of coldframe.yml: ${ids.join(', ')}` }];
}

function keyFinding(id: string, secret: string | undefined, { path, stage }: { readonly path: string; readonly stage: string }): Finding[] {
  const remedy = `npm run coldframe -- setup ci-key ${id} --stage ${stage}`;
  if (secret === undefined)
    return [{ kind: 'ill', about, says: `SSM has no parameter ${path}/${id}: whoever signs with the key ${id} is refused`, remedy }];
  if (secret.length >= shortest) return [];
  const says = `the secret in ${path}/${id} has ${secret.length} characters: it may be guessed`;
  return [{ kind: 'ill', about, says, remedy: `${remedy} --replace ${id}, then give it to the CI` }];
}

const unknownFinding = (name: string): Finding => ({
  kind: 'ill',
  about,
  says: `SSM holds ${name}, a key that coldframe.yml does not know: nobody can use it, and nobody would miss it`,
  remedy: `aws ssm delete-parameter --name ${name}, or add it to ci.keys in coldframe.yml`,
});

/** By the last part of the parameter's name. */
async function secretsBelow(path: string, { aws }: Patient): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await aws.ssm.send(new GetParametersByPathCommand({ Path: path, WithDecryption: true, ...(NextToken && { NextToken }) }));
    for (const { Name = '', Value = '' } of page.Parameters ?? []) secrets.set(Name.slice(path.length + 1), Value);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return secrets;
}
