import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  type Parameter,
  ParameterNotFound,
  type ParameterType,
  PutParameterCommand,
  SSMClient,
  type SSMClientConfig,
  SSMServiceException,
} from '@aws-sdk/client-ssm';
import { afterEach, expect, it } from 'vitest';
import { startSsm } from '../../src/local/ssm/ssm.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function world(givenDir?: string) {
  const dir = givenDir ?? (await mkdtemp(join(tmpdir(), 'coldframe-ssm-')));
  if (givenDir === undefined) cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  const journal: JournalEntry[] = [];
  const file = join(dir, 'state', 'parameters.json');
  const ssm = await startSsm({
    file,
    account: '000000000000',
    region: 'eu-central-1',
    journal: (entry) => journal.push(entry),
    credentials: [{ accessKeyId: 'local', secretAccessKey: 'local' }],
  });
  cleanUps.push(() => ssm.stop());
  return { dir, file, ssm, journal, client: clientOf(ssm.url) };
}

function clientOf(endpoint: string, config: SSMClientConfig = {}): SSMClient {
  const client = new SSMClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...config,
  });
  cleanUps.push(() => client.destroy());
  return client;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await call)}`;
  } catch (error) {
    if (!(error instanceof SSMServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

const put = (client: SSMClient, Name: string, Value: string, Type: ParameterType = 'SecureString') =>
  client.send(new PutParameterCommand({ Name, Value, Type }));

/** All parameters under a path, page by page: the sizes of the pages and what they hold. */
async function pages(client: SSMClient, Path: string, more: object = {}): Promise<readonly (readonly Parameter[])[]> {
  const found: (readonly Parameter[])[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await client.send(new GetParametersByPathCommand({ Path, NextToken, ...more }));
    found.push(page.Parameters ?? []);
    NextToken = page.NextToken;
    if (NextToken === undefined) return found;
  }
}

it('a SecureString shows its value to who asks for decryption, and nothing of it to others', async () => {
  const { client } = await world();
  await put(client, '/coldframe/local/link-secret', 'hush-hush');
  const open = await client.send(new GetParameterCommand({ Name: '/coldframe/local/link-secret', WithDecryption: true }));
  expect(open.Parameter).toMatchObject({
    Name: '/coldframe/local/link-secret',
    Type: 'SecureString',
    Value: 'hush-hush',
    Version: 1,
    DataType: 'text',
    ARN: 'arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/link-secret',
  });
  expect(Math.abs(Date.now() - (open.Parameter?.LastModifiedDate?.getTime() ?? 0))).toBeLessThan(60_000);
  const closed = await client.send(new GetParameterCommand({ Name: '/coldframe/local/link-secret' }));
  expect(closed.Parameter?.Value).toMatch(/^AQICAH/);
  expect(JSON.stringify(closed)).not.toContain('hush');
});

it('a parameter that is not there is ParameterNotFound, without a word more, as SSM says it', async () => {
  const { client } = await world();
  const error = await client.send(new GetParameterCommand({ Name: '/none' })).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ParameterNotFound);
  expect(await refusal(client.send(new GetParameterCommand({ Name: '/none' })))).toBe('400 ParameterNotFound');
});

it('many at once are told apart from those that are not there; more than ten are refused', async () => {
  const { client } = await world();
  await put(client, '/a', '1', 'String');
  await put(client, '/b', '2');
  const answer = await client.send(new GetParametersCommand({ Names: ['/b', '/none', '/a'], WithDecryption: true }));
  expect(answer.Parameters?.map(({ Name, Value }) => [Name, Value])).toEqual([
    ['/b', '2'],
    ['/a', '1'],
  ]);
  expect(answer.InvalidParameters).toEqual(['/none']);
  expect(await refusal(client.send(new GetParametersCommand({ Names: Array.from({ length: 11 }, (_, index) => `/${index}`) })))).toBe(
    '400 ValidationException',
  );
});

it('a path gives its own level or, recursively, all below, and no neighbour with a longer name', async () => {
  const { client } = await world();
  for (const name of ['/suite/staging/USER', '/suite/staging/deep/PASSWORD', '/suite/staging-2/USER', '/suite/staging'])
    await put(client, name, 'x');
  const names = (found: readonly (readonly Parameter[])[]) => found.flat().map(({ Name }) => Name);
  expect(names(await pages(client, '/suite/staging'))).toEqual(['/suite/staging/USER']);
  expect(names(await pages(client, '/suite/staging/', { Recursive: true }))).toEqual([
    '/suite/staging/USER',
    '/suite/staging/deep/PASSWORD',
  ]);
  expect(names(await pages(client, '/', { Recursive: true }))).toHaveLength(4);
  expect(await pages(client, '/suite/none')).toEqual([[]]);
});

it('a path with more than ten comes in pages, each parameter once', async () => {
  const { client } = await world();
  const wanted = Array.from({ length: 23 }, (_, index) => `/suite/NAME_${index}`);
  for (const name of wanted) await put(client, name, `value of ${name}`);
  const found = await pages(client, '/suite', { WithDecryption: true });
  expect(found.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(found.flat().map(({ Name, Value }) => [Name, Value])).toEqual(wanted.toSorted().map((name) => [name, `value of ${name}`]));
  expect((await pages(client, '/suite', { MaxResults: 9 })).map(({ length }) => length)).toEqual([9, 9, 5]);
});

it.each([
  ['more than ten at a time', { MaxResults: 11 }, '400 ValidationException'],
  ['a path without its slash', { Path: 'suite' }, '400 ValidationException'],
  ['a token nobody gave', { NextToken: 'nonsense' }, '400 InvalidNextToken'],
  ['filters', { ParameterFilters: [{ Key: 'Type', Values: ['String'] }] }, '501 NotImplementedException'],
])('a path with %s is refused', async (_, more, expected) => {
  const { client } = await world();
  expect(await refusal(client.send(new GetParametersByPathCommand({ Path: '/suite', ...more })))).toBe(expected);
});

it('a parameter is overwritten only by who says so, and its version grows', async () => {
  const { client } = await world();
  expect(await put(client, '/a', 'one')).toMatchObject({ Version: 1, Tier: 'Standard' });
  expect(await refusal(put(client, '/a', 'two'))).toBe('400 ParameterAlreadyExists');
  expect(await client.send(new PutParameterCommand({ Name: '/a', Value: 'two', Overwrite: true }))).toMatchObject({ Version: 2 });
  expect((await client.send(new GetParameterCommand({ Name: '/a', WithDecryption: true }))).Parameter).toMatchObject({
    Value: 'two',
    Type: 'SecureString',
    Version: 2,
  });
  expect(await refusal(client.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String', Overwrite: true })))).toBe(
    '400 HierarchyTypeMismatchException',
  );
});

it.each([
  ['without a type', { Type: undefined }, '400 ValidationException'],
  ['with more than 4 KB', { Value: 'x'.repeat(4097) }, '400 ValidationException'],
  ['with nothing in it', { Value: '' }, '400 ValidationException'],
  ['with a blank in its name', { Name: '/a b' }, '400 ValidationException'],
  ['named like a path without its first slash', { Name: 'a/b' }, '400 ValidationException'],
  ['named after AWS', { Name: '/aws/x' }, '400 ValidationException'],
  ['sixteen levels deep', { Name: '/a'.repeat(16) }, '400 HierarchyLevelLimitExceededException'],
  ['with tags', { Tags: [{ Key: 'a', Value: 'b' }] }, '501 NotImplementedException'],
])('a parameter %s is refused', async (_, more, expected) => {
  const { client } = await world();
  expect(await refusal(client.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String', ...more })))).toBe(expected);
});

it('parameters survive a restart, in a file for its owner only', async () => {
  const before = await world();
  await put(before.client, '/a', 'kept');
  before.ssm.putSecret('/b', 'mine');
  before.ssm.putSecret('/b', 'mine too');
  expect((await stat(before.file)).mode & 0o777).toBe(0o600);
  await before.ssm.stop();
  const { client, ssm } = await world(before.dir);
  expect((await client.send(new GetParameterCommand({ Name: '/b', WithDecryption: true }))).Parameter).toMatchObject({
    Value: 'mine too',
    Version: 2,
  });
  expect([ssm.valueOf('/a'), ssm.valueOf('/none')]).toEqual(['kept', undefined]);
});

it('a damaged file stops the start with its path, and is left as it is', async () => {
  const { dir, file, ssm, client } = await world();
  await put(client, '/a', 'kept');
  await ssm.stop();
  await writeFile(file, '{"parameters": [');
  await expect(world(dir)).rejects.toThrow(file);
  expect(await readFile(file, 'utf8')).toBe('{"parameters": [');
});

it('the journal holds every call and no value, decrypted or refused', async () => {
  const { client, journal } = await world();
  await put(client, '/suite/PASSWORD', 'hush-hush');
  await refusal(put(client, '/suite/PASSWORD', 'hush-again'));
  await refusal(put(client, '/a b', 'hush-badly'));
  await client.send(new GetParameterCommand({ Name: '/suite/PASSWORD', WithDecryption: true }));
  await client.send(new GetParametersCommand({ Names: ['/suite/PASSWORD'], WithDecryption: true }));
  await pages(client, '/suite', { WithDecryption: true });
  // The SDK does not look at its argument's types, and neither may a message about them repeat it.
  await refusal(client.send(new PutParameterCommand({ Name: '/c', Type: 'String', Value: JSON.parse('{"hush":"hush"}') })));
  expect(journal.map(({ name, status }) => [name, status])).toEqual([
    ['PutParameter', 200],
    ['PutParameter', 400],
    ['PutParameter', 400],
    ['GetParameter', 200],
    ['GetParameters', 200],
    ['GetParametersByPath', 200],
    ['PutParameter', 400],
  ]);
  expect(JSON.stringify(journal)).not.toContain('hush');
  expect(journal[0]?.request).toEqual({ Name: '/suite/PASSWORD', Value: '***', Type: 'SecureString' });
});

it('what SSM has and we have not is refused once, by name', async () => {
  const { client, journal } = await world();
  const error = await client.send(new DeleteParameterCommand({ Name: '/a' })).catch((error: unknown) => error);
  expect(String(error)).toContain('does not offer ssm:DeleteParameter');
  expect(await refusal(client.send(new GetParameterCommand({ Name: '/a:1' })))).toBe('501 NotImplementedException');
  expect(journal).toHaveLength(2);
});

it('only who signs with a key we know gets an answer', async () => {
  const { ssm } = await world();
  ssm.putSecret('/a', 'hush');
  const ask = (accessKeyId: string, secretAccessKey: string) =>
    refusal(
      clientOf(ssm.url, { credentials: { accessKeyId, secretAccessKey } }).send(
        new GetParameterCommand({ Name: '/a', WithDecryption: true }),
      ),
    );
  expect(await ask('stranger', 'local')).toBe('400 UnrecognizedClientException');
  expect(await ask('local', 'guessed')).toBe('400 InvalidSignatureException');
  const plain = await fetch(ssm.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSSM.GetParameter' },
    body: '{"Name":"/a","WithDecryption":true}',
  });
  expect([plain.status, await plain.text()]).toEqual([400, expect.stringContaining('MissingAuthenticationTokenException')]);
});
