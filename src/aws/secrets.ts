import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';

/**
 * The values of SSM parameters, decrypted, in the order of `names` (at most 10).
 *
 * @throws naming every parameter that is missing or empty, never a value
 */
export async function readSecrets<const Names extends readonly string[]>(
  client: SSMClient,
  names: Names,
): Promise<{ [K in keyof Names]: string }> {
  const answer = await client.send(new GetParametersCommand({ Names: [...names], WithDecryption: true }));
  const values = new Map((answer.Parameters ?? []).map((parameter) => [parameter.Name, parameter.Value]));
  const missing = names.filter((name) => !values.get(name));
  if (missing.length > 0)
    throw new Error(`SSM has no value for ${missing.join(', ')}: create it with "aws ssm put-parameter --type SecureString"`);
  return names.map((name) => values.get(name) ?? '') as { [K in keyof Names]: string };
}
