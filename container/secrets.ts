import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { said } from './log.ts';

/** Environment variables of the suite that nobody else may see, by name. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * The values of the parameters directly below `path`, decrypted, by the last part of their names.
 *
 * @throws saying the path and what to do about it, never a value
 */
export async function readSuiteSecrets(client: SSMClient, path: string, signal: AbortSignal): Promise<Secrets> {
  const secrets: [string, string][] = [];
  let next: string | undefined;
  do {
    const page = await readPage(client, { path, next, signal });
    for (const { Name = '', Value = '' } of page.Parameters ?? []) secrets.push([variableName(Name), Value]);
    next = page.NextToken;
  } while (next !== undefined);
  return Object.fromEntries(secrets);
}

async function readPage(client: SSMClient, { path, next, signal }: { path: string; next: string | undefined; signal: AbortSignal }) {
  try {
    const command = new GetParametersByPathCommand({ Path: path, WithDecryption: true, ...(next !== undefined && { NextToken: next }) });
    return await client.send(command, { abortSignal: signal });
  } catch (cause) {
    throw new Error(
      `The suite's secrets below ${path} cannot be read: ${said(cause)}.\nThe environment's task role needs ssm:GetParametersByPath there, and its subnets a way to SSM.`,
      { cause },
    );
  }
}

/** `/coldframe/prod/suite/staging/APP_PASSWORD` is `APP_PASSWORD`. */
function variableName(parameter: string): string {
  const name = parameter.slice(parameter.lastIndexOf('/') + 1);
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new Error(
    `The parameter ${parameter} cannot be an environment variable of the suite: "${name}" has other characters than letters, digits and _.`,
  );
}
