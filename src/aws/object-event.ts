import * as v from 'valibot';

const objectCreated = v.looseObject({
  source: v.literal('aws.s3'),
  'detail-type': v.literal('Object Created'),
  detail: v.looseObject({ bucket: v.looseObject({ name: v.string() }), object: v.looseObject({ key: v.string() }) }),
});

/** Which object S3 says was written. @throws for any other event, so that it is retried and kept instead of lost */
export function parseObjectCreated(event: unknown): { readonly bucket: string; readonly key: string } {
  const { detail } = v.parse(objectCreated, event);
  return { bucket: detail.bucket.name, key: detail.object.key };
}
