import * as v from 'valibot';
import type { Permit } from '../iam/permissions.ts';
import { AwsFault, notOffered, operation, serveAwsJson } from '../wire/aws-json.ts';
import type { Journal } from '../wire/journal.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { parameterFile, type StoredParameter } from './parameter-file.ts';
import { ssmNeeds } from './ssm-needs.ts';

export interface StartSsm {
  /** The JSON file that keeps the parameters, for its owner's eyes only. */
  readonly file: string;
  readonly account: string;
  readonly region: string;
  readonly port?: number;
  readonly journal: Journal;
  readonly credentials: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit;
}

export interface LocalSsm {
  /** For `AWS_ENDPOINT_URL_SSM`. */
  readonly url: string;
  stop(): Promise<void>;
  /** The parameter's value, decrypted, for the local world itself. */
  valueOf(name: string): string | undefined;
  /** Sets a SecureString, whatever was there. */
  putSecret(name: string, value: string): void;
  /** Takes a parameter away. */
  remove(name: string): void;
}

const fault = 'ValidationException';
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const withDecryption = v.exactOptional(v.boolean(), false);

const schemas = {
  GetParameter: v.strictObject({ Name: name, WithDecryption: withDecryption }),
  GetParameters: v.strictObject({ Names: v.pipe(v.array(name), v.minLength(1), v.maxLength(10)), WithDecryption: withDecryption }),
  GetParametersByPath: v.strictObject({
    Path: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
    Recursive: v.exactOptional(v.boolean(), false),
    MaxResults: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 10),
    NextToken: v.exactOptional(v.string()),
    WithDecryption: withDecryption,
  }),
  PutParameter: v.strictObject({
    Name: name,
    Value: v.pipe(v.string(), v.minLength(1)),
    Type: v.exactOptional(v.picklist(['String', 'StringList', 'SecureString'])),
    Overwrite: v.exactOptional(v.boolean(), false),
    Description: v.exactOptional(v.pipe(v.string(), v.maxLength(1024))),
  }),
} as const;

/** What a parameter of the standard tier holds at most. */
const maxValueBytes = 4096;
const maxLevels = 15;

/** SSM's Parameter Store on a file. What it does not offer it refuses; the journal never holds a value. */
export async function startSsm({ file, account, region, port, journal, credentials, permit }: StartSsm): Promise<LocalSsm> {
  const parameters = parameterFile(file);

  const shownTo = (isDecrypted: boolean) => (parameter: StoredParameter) => ({
    Name: parameter.name,
    Type: parameter.type,
    Value: parameter.type === 'SecureString' && !isDecrypted ? parameter.ciphertext : parameter.value,
    Version: parameter.version,
    LastModifiedDate: Date.parse(parameter.lastModified) / 1000,
    ARN: `arn:aws:ssm:${region}:${account}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
    DataType: 'text',
  });

  function find(asked: string): StoredParameter | undefined {
    if (asked.includes(':')) throw notOffered(`a version, a label or an ARN in a parameter's name ("${asked}")`);
    return parameters.get(asked);
  }

  function getParameter({ Name, WithDecryption }: v.InferOutput<typeof schemas.GetParameter>) {
    const parameter = find(Name);
    // SSM says no more than the name of the error, so neither do we: whoever asks must name the parameter.
    if (parameter === undefined) throw new AwsFault('ParameterNotFound');
    return { Parameter: shownTo(WithDecryption)(parameter) };
  }

  function getParameters({ Names, WithDecryption }: v.InferOutput<typeof schemas.GetParameters>) {
    const found = Names.map(find);
    return {
      Parameters: found.filter((parameter) => parameter !== undefined).map(shownTo(WithDecryption)),
      InvalidParameters: Names.filter((_, index) => found[index] === undefined),
    };
  }

  function getParametersByPath({
    Path,
    Recursive,
    MaxResults,
    NextToken,
    WithDecryption,
  }: v.InferOutput<typeof schemas.GetParametersByPath>) {
    if (!Path.startsWith('/')) throw new AwsFault(fault, `The parameter path "${Path}" must begin with a slash.`);
    const folder = Path.endsWith('/') ? Path : `${Path}/`;
    const after = NextToken === undefined ? '' : readToken(NextToken);
    const all = parameters.inOrder().filter((parameter) => isUnder(folder, parameter.name, Recursive) && parameter.name > after);
    const page = all.slice(0, MaxResults);
    const last = page.at(-1);
    return {
      Parameters: page.map(shownTo(WithDecryption)),
      ...(last !== undefined && all.length > page.length && { NextToken: writeToken(last.name) }),
    };
  }

  function putParameter({ Name, Value, Type, Overwrite, Description }: v.InferOutput<typeof schemas.PutParameter>) {
    refuseBadName(Name);
    if (Buffer.byteLength(Value) > maxValueBytes)
      throw new AwsFault(
        fault,
        `Standard tier parameters support a maximum parameter value of ${maxValueBytes} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
      );
    const now = parameters.get(Name);
    if (now !== undefined && !Overwrite)
      throw new AwsFault(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    const type = Type ?? now?.type;
    if (type === undefined) throw new AwsFault(fault, 'A parameter type is required when you create a parameter.');
    if (now !== undefined && now.type !== type)
      throw new AwsFault(
        'HierarchyTypeMismatchException',
        `The parameter "${Name}" is a ${now.type}: its type cannot be changed to ${type}. Delete it first.`,
      );
    const stored = parameters.put({ name: Name, type, value: Value, ...(Description !== undefined && { description: Description }) });
    return { Version: stored.version, Tier: 'Standard' };
  }

  const server = await serveAwsJson({
    service: 'ssm',
    target: 'AmazonSSM',
    port,
    journal,
    credentials,
    permit,
    needs: (name, input) => ssmNeeds({ region, account }, name, input),
    shown: masked,
    operations: {
      GetParameter: operation({ operation: 'GetParameter', schema: schemas.GetParameter, fault }, getParameter),
      GetParameters: operation({ operation: 'GetParameters', schema: schemas.GetParameters, fault }, getParameters),
      GetParametersByPath: operation({ operation: 'GetParametersByPath', schema: schemas.GetParametersByPath, fault }, getParametersByPath),
      PutParameter: operation({ operation: 'PutParameter', schema: schemas.PutParameter, fault }, putParameter),
    },
  });
  return {
    url: server.url,
    stop: () => server.stop(),
    valueOf: (asked) => parameters.get(asked)?.value,
    remove: parameters.remove,
    putSecret: (secret, value) => void parameters.put({ name: secret, type: 'SecureString', value }),
  };
}

function refuseBadName(asked: string): void {
  if (!/^[A-Za-z0-9_.\-/]+$/.test(asked))
    throw new AwsFault(fault, 'Only a mix of letters, numbers and the following symbols are allowed in a parameter name: .-_/');
  if (asked.includes('/') && !asked.startsWith('/'))
    throw new AwsFault(fault, 'Parameter name must be a fully qualified name: one with slashes begins with a slash.');
  if (asked.endsWith('/') || asked.includes('//')) throw new AwsFault(fault, `The parameter name "${asked}" has an empty part.`);
  if (/^\/?(?:aws|ssm)/i.test(asked))
    throw new AwsFault(fault, 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  if (asked.split('/').length - 1 > maxLevels)
    throw new AwsFault('HierarchyLevelLimitExceededException', `A hierarchy can have a maximum of ${maxLevels} levels.`);
}

const isUnder = (folder: string, asked: string, isRecursive: boolean): boolean =>
  asked.startsWith(folder) && (isRecursive || !asked.slice(folder.length).includes('/'));

const writeToken = (last: string): string => Buffer.from(`after:${last}`).toString('base64url');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) throw new AwsFault('InvalidNextToken', 'The specified token is not valid.');
  return text.slice('after:'.length);
}

/** A copy in which every `Value` is hidden, however deep. */
function masked(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(masked);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, key === 'Value' ? '***' : masked(value)]));
}
