import { type IamCall, iamCall } from '../iam/iam-call.ts';
import type { Incoming } from '../wire/http-server.ts';

/** What S3 checks before an operation on a key or a bucket. */
export function s3Needs(operation: string, { headers, url }: Incoming, path: { readonly bucket: string; readonly key: string }): IamCall[] {
  const object = `arn:aws:s3:::${path.bucket}/${path.key}`;
  switch (operation) {
    case 'GetObject':
    case 'HeadObject':
      return [iamCall('s3:GetObject', object)];
    case 'PutObject': {
      const ifNoneMatch = headers['if-none-match'];
      const context = ifNoneMatch === undefined ? {} : { 's3:if-none-match': [ifNoneMatch] };
      const write = iamCall('s3:PutObject', object, context);
      // Whether an object is as it was is something that only a reader may learn.
      return headers['if-match'] === undefined ? [write] : [write, iamCall('s3:GetObject', object)];
    }
    case 'DeleteObject':
      return [iamCall('s3:DeleteObject', object)];
    case 'ListObjectsV2':
      return [listNeeds(path.bucket, url.searchParams.get('prefix') ?? '')];
    default:
      return [];
  }
}

/** For a list; and without a prefix, for being told that an object is not there: whoever may not list gets a 403 instead of the 404. */
export const listNeeds = (bucket: string, prefix?: string): IamCall =>
  iamCall('s3:ListBucket', `arn:aws:s3:::${bucket}`, prefix === undefined ? {} : { 's3:prefix': [prefix] });
