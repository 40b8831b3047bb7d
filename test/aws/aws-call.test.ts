import { spawnSync } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { addressOf, readAccount } from '../../src/aws/account.ts';
import { awsCall, eventBridge, ssm } from '../../src/aws/aws-call.ts';
import { eventBus } from '../../src/aws/bus.ts';
import { quickly } from '../../src/aws/client-settings.ts';
import { readSecrets } from '../../src/aws/secrets.ts';
import { signedHeaders } from '../../src/aws/sign.ts';

const env = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a secret key' };
/** Enough for a loopback server that answers, and short for one that does not. */
const patience = { ...quickly, requestHandler: { ...quickly.requestHandler, requestTimeout: 300 } };
const impatience = { ...quickly, requestHandler: { ...quickly.requestHandler, requestTimeout: 40 } };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server in AWS's place, and what reaches it. */
async function aws(listener: RequestListener) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url, account: readAccount({ ...env, AWS_ENDPOINT_URL: url }) };
}

/** Answers one after the other, the last one for good. */
function answers(...given: readonly (readonly [status: number, body: string])[]) {
  const seen = { count: 0 };
  const listener: RequestListener = (_, response) => {
    const [status, body] = given[Math.min(seen.count, given.length - 1)] ?? [500, ''];
    seen.count += 1;
    response.writeHead(status).end(body);
  };
  return { seen, listener };
}

describe('the account of a function', () => {
  it('is what Lambda gives every function, and all that is missing is named at once', () => {
    expect(readAccount({ ...env, AWS_SESSION_TOKEN: 'token' }).credentials).toEqual({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'a secret key',
      sessionToken: 'token',
    });
    expect(() => readAccount({ AWS_REGION: 'eu-central-1' })).toThrow('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY');
  });

  it.each([
    'eu-central-1',
    'us-east-1',
    'cn-north-1',
    'us-gov-west-1',
    'us-iso-east-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'us-isof-south-1',
    'eusc-de-east-1',
  ])('calls the addresses in %s that the SDK calls', (region) => {
    const place = { Region: region, UseFIPS: false, UseDualStack: false };
    const account = readAccount({ ...env, AWS_REGION: region });
    expect(addressOf(ssm, account).href).toBe(new SSMClient({}).config.endpointProvider(place).url.href);
    expect(addressOf(eventBridge, account).href).toBe(new EventBridgeClient({}).config.endpointProvider(place).url.href);
  });

  it('calls another address where one is given, for one service or for all', () => {
    const account = readAccount({ ...env, AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' });
    expect([addressOf(ssm, account).port, addressOf(eventBridge, account).port]).toEqual(['1', '2']);
  });
});

it("signs as the SDK's clients do, a temporary token included", async () => {
  let sent: { headers: Record<string, string>; body: string } | undefined;
  const { url } = await aws(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    sent = { headers: request.headers as Record<string, string>, body: Buffer.concat(parts).toString() };
    response.end('{"Parameters":[]}');
  });
  const { credentials } = readAccount({ ...env, AWS_SESSION_TOKEN: 'a token' });
  await new SSMClient({ region: 'eu-central-1', endpoint: url, credentials }).send(new GetParametersCommand({ Names: ['/ä'] }));
  const { headers, body } = sent ?? expect.fail('nothing was sent');
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const given = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
  const nowMs = Date.parse(String(headers['x-amz-date']).replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  const ours = signedHeaders(
    { service: 'ssm', address: new URL(url), headers: given, body, nowMs },
    { region: 'eu-central-1', credentials },
  );
  expect(ours.authorization).toBe(headers.authorization);
});

describe('a call', () => {
  it.each<[string, readonly [number, string]]>([
    ['a failure of AWS', [500, '{"__type":"InternalServerError"}']],
    ['no time', [400, '{"__type":"ThrottlingException","message":"Rate exceeded"}']],
    ['a proxy that answers instead', [502, '<html>']],
  ])('is tried again after %s', async (_, trouble) => {
    const { seen, listener } = answers(trouble, [200, '{"Parameters":[{"Name":"/a","Value":"1"}]}']);
    const { account } = await aws(listener);
    expect(await readSecrets(awsCall(ssm, { account, patience }), ['/a'])).toEqual(['1']);
    expect(seen.count).toBe(2);
  });

  it('that is forbidden is not tried again, and says what AWS said', async () => {
    const said =
      '{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: x is not authorized to perform: ssm:GetParameters"}';
    const { seen, listener } = answers([400, said]);
    const { account } = await aws(listener);
    await expect(readSecrets(awsCall(ssm, { account, patience }), ['/a'])).rejects.toThrow(
      'SSM did not answer GetParameters: AccessDeniedException: User: x is not authorized to perform: ssm:GetParameters',
    );
    expect(seen.count).toBe(1);
  });

  it('is given up after three tries, and says so', async () => {
    const { seen, listener } = answers([503, '']);
    const { account } = await aws(listener);
    await expect(awsCall(eventBridge, { account, patience })('PutEvents', {})).rejects.toThrow(
      'EventBridge did not answer PutEvents in 3 tries: HTTP 503, and no JSON',
    );
    expect(seen.count).toBe(3);
  });

  it('has a limit for an answer that does not come, and for one that does not end', async () => {
    for (const begin of ['', '{"Parameters":']) {
      const { account } = await aws((_, response) => void response.write(begin));
      await expect(awsCall(ssm, { account, patience: impatience })('GetParameters', {})).rejects.toThrow(
        'in 3 tries: no answer within 40 ms',
      );
    }
  });

  it('to where nobody listens says that', async () => {
    const { server, account } = await aws(() => {});
    server.close();
    await expect(awsCall(ssm, { account, patience })('GetParameters', {})).rejects.toThrow(/in 3 tries: .*ECONNREFUSED/);
  });

  it('survives that its kept connection was closed between two events', async () => {
    const { server, account } = await aws((_, response) => void response.end('{}'));
    const call = awsCall(ssm, { account, patience });
    await call('GetParameters', {});
    server.closeAllConnections();
    expect(await call('GetParameters', {})).toEqual({});
  });

  it('takes the connection that was opened ahead, and another when that one is gone', async () => {
    for (const isCut of [false, true]) {
      let connections = 0;
      const { server, account } = await aws((_, response) => void response.end('{}'));
      const opened = new Promise<void>((resolve) =>
        server.on('connection', () => {
          connections += 1;
          resolve();
        }),
      );
      const call = awsCall(ssm, { account, patience, isOpenedAhead: true });
      await opened;
      if (isCut) server.closeAllConnections();
      expect(await call('GetParameters', {})).toEqual({});
      expect(connections).toBe(isCut ? 2 : 1);
    }
  });

  it('that was to be opened ahead to where nobody listens is no failure before it is made', async () => {
    const { server, url, account } = await aws(() => {});
    server.close();
    const call = awsCall(ssm, { account, patience, isOpenedAhead: true });
    await new Promise((resolve) => connect(Number(new URL(url).port), '127.0.0.1').on('error', resolve));
    await expect(call('GetParameters', {})).rejects.toThrow('ECONNREFUSED');
  });
});

/** A key and a certificate for `localhost` that nobody else trusts, or undefined where there is no openssl. */
function certificate(): { readonly key: string; readonly cert: string } | undefined {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '-', '-days', '2'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const { status, stdout } = spawnSync('openssl', ['req', '-x509', ...kind, ...subject], { encoding: 'utf8' });
  const [key, cert] = ['PRIVATE KEY', 'CERTIFICATE'].map(
    (name) => new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----`).exec(stdout)?.[0],
  );
  return status === 0 && key !== undefined && cert !== undefined ? { key, cert } : undefined;
}

const ownCertificate = certificate();

describe.skipIf(ownCertificate === undefined)('a call by TLS, as on AWS', () => {
  async function tls() {
    const handshakes: string[] = [];
    const server = createTlsServer({ ...ownCertificate }, (_, response) => response.end('{}'));
    servers.push(server);
    server.on('secureConnection', ({ servername }) => handshakes.push(String(servername)));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const call = (host: string, isOpenedAhead: boolean) =>
      awsCall(ssm, { account: readAccount({ ...env, AWS_ENDPOINT_URL: `https://${host}:${port}` }), patience, isOpenedAhead });
    return { handshakes, call };
  }

  it.each([true, false])('names the host it wants, and makes one handshake for all calls; opened ahead: %s', async (isOpenedAhead) => {
    const before = getCACertificates();
    setDefaultCACertificates([ownCertificate?.cert ?? '']);
    try {
      const { handshakes, call } = await tls();
      const get = call('localhost', isOpenedAhead);
      expect([await get('GetParameters', {}), await get('GetParameters', {})]).toEqual([{}, {}]);
      expect(handshakes).toEqual(['localhost']);
      await expect(call('127.0.0.1', isOpenedAhead)('GetParameters', {})).rejects.toThrow('does not match certificate');
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it('trusts nobody whom Node does not trust', async () => {
    const { call } = await tls();
    await expect(call('localhost', true)('GetParameters', {})).rejects.toThrow('self-signed certificate');
  });
});

describe('what EventBridge did not take', () => {
  const event = { detailType: 'Cancel Requested', detail: {} } as never;

  it('is a failure, though the answer is a 200', async () => {
    const failed = { FailedEntryCount: 1, Entries: [{ EventId: null, ErrorCode: 'InternalFailure', ErrorMessage: 'try again' }] };
    const { seen, listener } = answers([200, JSON.stringify(failed)]);
    const { account } = await aws(listener);
    await expect(eventBus(awsCall(eventBridge, { account, patience }), 'our-bus').put(event)).rejects.toThrow(
      'EventBridge did not take "Cancel Requested" on our-bus: InternalFailure: try again',
    );
    expect(seen.count).toBe(1);
  });

  it('is a failure when the answer says nothing of it', async () => {
    const { account } = await aws(answers([200, '{}']).listener);
    await expect(eventBus(awsCall(eventBridge, { account, patience }), 'our-bus').put(event)).rejects.toThrow('no event id');
  });
});
