import * as v from 'valibot';
import type { AwsCall } from './aws-call.ts';

const found = v.object({ Parameters: v.optional(v.array(v.object({ Name: v.string(), Value: v.optional(v.string()) })), []) });

/**
 * The values of SSM parameters, decrypted, in the order of `names` (at most 10).
 *
 * @throws naming every parameter that is missing or empty, never a value
 */
export async function readSecrets<const Names extends readonly string[]>(
  ssm: AwsCall,
  names: Names,
): Promise<{ [K in keyof Names]: string }> {
  const { Parameters } = v.parse(found, await ssm('GetParameters', { Names: names, WithDecryption: true }));
  const values = new Map(Parameters.map((parameter) => [parameter.Name, parameter.Value]));
  const missing = names.filter((name) => !values.get(name));
  if (missing.length > 0)
    throw new Error(`SSM has no value for ${missing.join(', ')}: create it with "aws ssm put-parameter --type SecureString"`);
  return names.map((name) => values.get(name) ?? '') as { [K in keyof Names]: string };
}
