import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { chanceOf } from './chance.ts';
import { memoryS3, type S3Input } from './memory-s3.ts';

/** What an S3 answers, as far as our store reads it. Versions are numbered as they come: each S3 has ETags of its own. */
type Answer = string;

interface Asked {
  send(command: string, input: S3Input): Promise<object>;
}

const keys = [
  'state/a/ledger.json',
  'state/a/runs/1/run.json',
  'state/a/runs/2/run.json',
  'state/b/ledger.json',
  'claims/a/plan.json',
] as const;

/**
 * Does by chance the same to an S3 and to the one in memory, and gives what they answered differently: none, if the simulation
 * is to be believed.
 *
 * @param prefix below which nothing is there yet; the bucket's policy (claims are written once) is not looked at
 */
export async function differentAnswers(
  client: S3Client,
  { bucket, prefix, seed, steps }: { bucket: string; prefix: string; seed: number; steps: number },
) {
  const chance = chanceOf(seed);
  const real: Asked = { send: (command, input) => sendTo(client, bucket, prefix, command, input) };
  const memory = memoryS3();
  const simulated: Asked = { send: async (command, input) => memory.answer(command, input) };
  const etags = { real: [] as string[], simulated: [] as string[] };
  const different: string[] = [];

  async function ask(asked: Asked, known: string[], command: string, input: S3Input): Promise<Answer> {
    try {
      return answerOf(known, await asked.send(command, input));
    } catch (error) {
      if (error instanceof S3ServiceException) return `${error.$metadata.httpStatusCode}`;
      throw error;
    }
  }

  for (let step = 0; step < steps; step += 1) {
    const Key = chance.oneOf(keys);
    const version = chance.below(Math.max(1, etags.real.length));
    const what = chance.below(6);
    const inputs = (['real', 'simulated'] as const).map((one): readonly [string, S3Input] => {
      const IfMatch = etags[one][version] ?? '"0"';
      const Body = `content ${step}`;
      const isClaim = Key.startsWith('claims/');
      if (what === 0 || (isClaim && what < 3))
        return ['PutObjectCommand', { Key, Body, IfNoneMatch: '*', Metadata: { owner: String(step) } }];
      if (what === 1) return ['PutObjectCommand', { Key, Body, IfMatch, Metadata: { owner: String(step) } }];
      if (what === 2) return ['PutObjectCommand', { Key, Body, Metadata: { owner: String(step) } }];
      if (what === 3) return ['GetObjectCommand', { Key }];
      if (what === 4) return ['HeadObjectCommand', { Key }];
      return ['ListObjectsV2Command', { Prefix: 'state/', ...(version % 2 === 0 && { Delimiter: '/' }) }];
    });
    const [[command, forReal] = ['', {}], [, forSimulated] = ['', {}]] = inputs;
    const [one, other] = [await ask(real, etags.real, command, forReal), await ask(simulated, etags.simulated, command, forSimulated)];
    if (one !== other) different.push(`step ${step}, ${command} ${JSON.stringify(forReal)}: ${one} there, ${other} in memory`);
  }
  return different;
}

/** The answer in words, with new ETags numbered. */
function answerOf(known: string[], answer: object): Answer {
  const { ETag, Metadata, ContentLength, Contents, CommonPrefixes } = Object(answer);
  if (typeof ETag === 'string' && !known.includes(ETag)) known.push(ETag);
  const version = typeof ETag === 'string' ? known.indexOf(ETag) : undefined;
  return JSON.stringify({ version, owner: Object(Metadata).owner, ContentLength, Contents, CommonPrefixes });
}

async function sendTo(client: S3Client, Bucket: string, prefix: string, command: string, input: S3Input): Promise<object> {
  const Key = `${prefix}${input.Key ?? ''}`;
  const without = (key: string | undefined) => key?.slice(prefix.length);
  switch (command) {
    case 'PutObjectCommand': {
      const { ETag } = await client.send(new PutObjectCommand({ ...input, Bucket, Key }));
      return { ETag };
    }
    case 'GetObjectCommand': {
      const { ETag, ContentLength, Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      await Body?.transformToByteArray();
      return { ETag, ContentLength };
    }
    case 'HeadObjectCommand': {
      const { ETag, Metadata } = await client.send(new HeadObjectCommand({ Bucket, Key }));
      return { ETag, Metadata };
    }
    default: {
      const listed = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: `${prefix}${input.Prefix ?? ''}`, Delimiter: input.Delimiter }),
      );
      return {
        Contents: (listed.Contents ?? []).map(({ Key: key }) => ({ Key: without(key) })),
        CommonPrefixes: (listed.CommonPrefixes ?? []).map(({ Prefix: folder }) => ({ Prefix: without(folder) })),
      };
    }
  }
}
