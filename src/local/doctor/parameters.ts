import { GetParametersByPathCommand, GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Finding } from './finding.ts';
import type { Patient } from './patient.ts';

/** Our own three secrets are there. */
export async function parameters({ aws, config, stage }: Patient): Promise<readonly Finding[]> {
  const names = Object.values(config.parameters);
  const { Parameters = [] } = await aws.ssm.send(new GetParametersCommand({ Names: names }));
  const missing = names.filter((name) => !Parameters.some(({ Name }) => Name === name));
  const about = 'parameters';
  if (missing.length === 0) return [{ kind: 'well', about, says: `SSM holds all three below /coldframe/${stage}` }];
  const remedy = `npm run coldframe -- setup parameters --stage ${stage}`;
  return missing.map((name) => ({ kind: 'ill', about, says: `SSM has no parameter ${name}`, remedy }));
}

/** An environment whose suite is to get secrets has some. */
export async function suiteSecrets({ aws, catalogue }: Patient): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const { name, secretsPath } of catalogue.values()) {
    if (secretsPath === undefined) continue;
    const about = 'suite';
    const { Parameters = [] } = await aws.ssm.send(new GetParametersByPathCommand({ Path: secretsPath }));
    if (Parameters.length > 0) found.push({ kind: 'well', about, says: `${name}: there are parameters below ${secretsPath}` });
    else
      found.push({
        kind: 'ill',
        about,
        says: `${name}: there is no parameter below ${secretsPath}, its suite gets no secrets`,
        remedy: `aws ssm put-parameter --type SecureString --name ${secretsPath}/NAME --value …, or take secretsPath out of coldframe.yml`,
      });
  }
  return found;
}
