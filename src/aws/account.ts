/** In whose name AWS is called, and where. */
export interface AwsAccount {
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** Where a service is, when it is not at AWS: by the name of the variable, `AWS_ENDPOINT_URL_SSM`, or `AWS_ENDPOINT_URL` for all. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one; Lambda's are. */
  readonly sessionToken?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The account of a function, out of the environment that Lambda gives it. The credentials of an execution environment stand there and
 * never change: no chain of places has to be searched for them.
 *
 * @throws naming every variable that is missing
 */
export function readAccount(env: Env): AwsAccount {
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') missing.push(name);
    return value;
  };
  const account = {
    region: read('AWS_REGION'),
    credentials: {
      accessKeyId: read('AWS_ACCESS_KEY_ID'),
      secretAccessKey: read('AWS_SECRET_ACCESS_KEY'),
      ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    },
    endpoints: endpointsIn(env),
  };
  if (missing.length > 0) throw new Error(`AWS cannot be called: Lambda gives every function ${missing.join(', ')}, and here is none`);
  return account;
}

const endpointUrl = 'AWS_ENDPOINT_URL';

/** Services that are not where AWS has them. */
export const endpointsIn = (env: Env): AwsAccount['endpoints'] =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (name.startsWith(endpointUrl) && value ? [[name, value]] : [])));

/** The end of AWS's addresses, by how a region begins; the longest of them counts. */
const suffixes: readonly (readonly [region: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['', 'amazonaws.com'],
];

/** Where a service is: `https://ssm.eu-central-1.amazonaws.com`. `variable`: the rest of the name of its own `AWS_ENDPOINT_URL_…`. */
export function addressOf({ id, variable }: { readonly id: string; readonly variable: string }, { region, endpoints }: AwsAccount): URL {
  const [, suffix] = suffixes.find(([start]) => region.startsWith(start)) ?? [];
  return new URL(endpoints[`${endpointUrl}_${variable}`] ?? endpoints[endpointUrl] ?? `https://${id}.${region}.${suffix}`);
}
