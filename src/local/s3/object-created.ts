import { randomUUID } from 'node:crypto';

/** An object that was written to the local S3. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly at: string;
  /** Grows with every write: compared as text, it orders the events of one key. */
  readonly sequencer: string;
  readonly requestId: string;
}

/** S3's `Object Created` as EventBridge delivers it. */
export interface ObjectCreatedEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'Object Created';
  readonly source: 'aws.s3';
  readonly account: string;
  /** ISO 8601 without milliseconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly version: '0';
    readonly bucket: { readonly name: string };
    /** The key as it is: unlike in S3's own notifications, nothing is URL-encoded here. */
    readonly object: { readonly key: string; readonly size: number; readonly etag: string; readonly sequencer: string };
    readonly 'request-id': string;
    readonly requester: string;
    readonly 'source-ip-address': string;
    readonly reason: 'PutObject';
  };
}

/** The event that a bucket with EventBridge notifications sends to the account's default bus for a written object. */
export const objectCreatedEvent = (
  object: CreatedObject,
  { account, region }: { readonly account: string; readonly region: string },
): ObjectCreatedEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account,
  time: `${object.at.slice(0, 19)}Z`,
  region,
  resources: [`arn:aws:s3:::${object.bucket}`],
  detail: {
    version: '0',
    bucket: { name: object.bucket },
    object: { key: object.key, size: object.sizeBytes, etag: object.etag, sequencer: object.sequencer },
    'request-id': object.requestId,
    requester: account,
    'source-ip-address': '127.0.0.1',
    reason: 'PutObject',
  },
});
