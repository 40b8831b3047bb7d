import type { Outgoing } from '../wire/http-server.ts';
import { bodyHeaders, readBody } from './s3-body.ts';
import { notOffered, S3Refusal } from './s3-error.ts';
import type { Change, Condition, ObjectFacts } from './s3-objects.ts';
import { bareEtag, encryptionHeader, onlyDefined, refuseLongKey, refuseUnknown, type S3Request } from './s3-request.ts';
import { element, type ObjectToDelete, parseDelete, xmlDocument } from './s3-xml.ts';

/** Headers of a PutObject that are given back with the object. */
const keptHeaders = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
const maxMetadataBytes = 2048;

export interface PutAnswer {
  readonly answer: Outgoing;
  readonly facts: ObjectFacts;
}

/** PutObject. Keys that begin with one of `writeOncePrefixes` can only be created, as our bucket's policy has it. */
export async function putObject(request: S3Request, writeOncePrefixes: readonly string[]): Promise<PutAnswer> {
  const { bucket, key } = request;
  refuseUnknown(request, { headers: [...bodyHeaders, 'x-amz-meta-'] });
  refuseLongKey(key);
  const { content, checksum } = readBody(request);
  const condition = writeCondition(request);
  if (condition.kind !== 'absent' && writeOncePrefixes.some((prefix) => key.startsWith(prefix))) {
    const because = `not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/${key}" with an explicit deny in a resource-based policy`;
    throw new S3Refusal('AccessDenied', {}, `${because} (this prefix is write-once: send If-None-Match: *)`);
  }
  const change = await request.objects.put({ key, content, headers: describedBy(request), ...(checksum && { checksum }) }, condition);
  const facts = orRefuse(change, key, condition);
  return {
    facts,
    answer: {
      status: 200,
      headers: {
        etag: `"${facts.etag}"`,
        ...encryptionHeader,
        ...(checksum && { [checksum.name]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }),
      },
    },
  };
}

function describedBy(request: S3Request): Record<string, string> {
  const metadata = request.headersLike('x-amz-meta-');
  const sizeBytes = metadata.reduce((sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + Buffer.byteLength(value), 0);
  if (sizeBytes > maxMetadataBytes)
    throw new S3Refusal('MetadataTooLarge', { Size: String(sizeBytes), MaxSizeAllowed: String(maxMetadataBytes) });
  // How the body travelled is not what it is.
  const encoding = (request.header('content-encoding') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',');
  return onlyDefined({
    ...Object.fromEntries(keptHeaders.map((name) => [name, request.header(name)])),
    'content-encoding': encoding === '' ? undefined : encoding,
    ...Object.fromEntries(metadata),
  });
}

function writeCondition(request: S3Request): Condition {
  const ifNoneMatch = request.header('if-none-match');
  const ifMatch = request.header('if-match');
  if (ifNoneMatch !== undefined && ifMatch !== undefined) throw new S3Refusal('NotImplemented', { Header: 'If-Match,If-None-Match' });
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*')
      throw new S3Refusal(
        'NotImplemented',
        { Header: 'If-None-Match' },
        'A header you provided implies functionality that is not implemented: PutObject accepts If-None-Match: * only.',
      );
    return { kind: 'absent' };
  }
  if (ifMatch === undefined) return { kind: 'none' };
  if (ifMatch === '*')
    throw new S3Refusal(
      'NotImplemented',
      { Header: 'If-Match' },
      'A header you provided implies functionality that is not implemented: PutObject accepts an ETag as If-Match only.',
    );
  return { kind: 'etag', etag: bareEtag(ifMatch) };
}

function orRefuse<T>(change: Change<T>, key: string, condition: Condition): T {
  switch (change.kind) {
    case 'done':
      return change.result;
    case 'missing':
      throw new S3Refusal('NoSuchKey', { Key: key });
    case 'differs':
      throw new S3Refusal('PreconditionFailed', { Condition: condition.kind === 'absent' ? 'If-None-Match' : 'If-Match' });
    case 'unstorable':
      throw notOffered(`the key "${key}", because its objects are plain files: ${change.because}`);
  }
}

/** DeleteObject. */
export function deleteObject(request: S3Request): Outgoing {
  refuseUnknown(request, {});
  refuseLongKey(request.key);
  removeOne(request, { key: request.key, ...onlyDefined({ etag: request.header('if-match') }) });
  return { status: 204 };
}

function removeOne(request: S3Request, { key, etag }: ObjectToDelete): void {
  const condition: Condition =
    etag === undefined ? { kind: 'none' } : etag === '*' ? { kind: 'present' } : { kind: 'etag', etag: bareEtag(etag) };
  orRefuse(request.objects.remove(key, condition), key, condition);
}

/** DeleteObjects: each object has its own success or error. */
export function deleteObjects(request: S3Request): Outgoing {
  refuseUnknown(request, { headers: bodyHeaders, query: ['delete'] });
  const { content, checksum, hasContentMd5 } = readBody(request);
  if (checksum === undefined && !hasContentMd5)
    throw new S3Refusal('InvalidRequest', {}, 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  const wanted = parseDelete(content.toString('utf8'));
  if (wanted.kind === 'malformed') throw new S3Refusal('MalformedXML', { Because: wanted.because });
  if (wanted.kind === 'not-offered') throw notOffered(wanted.element);
  const answers = [];
  for (const object of wanted.objects) {
    const refusal = refusalOf(() => removeOne(request, object));
    if (refusal !== undefined)
      answers.push(element('Error', [element('Key', object.key), element('Code', refusal.code), element('Message', refusal.message)]));
    else if (!wanted.isQuiet) answers.push(element('Deleted', [element('Key', object.key)]));
  }
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(element('DeleteResult', answers)) };
}

function refusalOf(work: () => void): S3Refusal | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof S3Refusal) return error;
    throw error;
  }
}
