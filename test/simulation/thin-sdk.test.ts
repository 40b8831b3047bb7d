import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ecs from '@aws-sdk/client-ecs';
import * as s3 from '@aws-sdk/client-s3';
import * as slack from '@slack/web-api';
import { expect, it } from 'vitest';
import * as thin from './thin-sdk.ts';

type Class = new (input: object) => object;

const real: Readonly<Record<string, unknown>> = { ...logs, ...ecs, ...s3 };
const { ErrorCode, getSignedUrl: _, ...classes } = thin;
const shown = (thing: object) => {
  const { name, message, $fault, $metadata, input } = Object(thing);
  return { class: thing.constructor.name, isError: thing instanceof Error, name, message, $fault, $metadata, input };
};

it.each(Object.keys(classes))('a thin %s is what the SDK makes, as far as we look at it', (name) => {
  const input = { name, message: 'why', $fault: 'client', $metadata: { httpStatusCode: 404 }, Key: 'a', Bucket: 'b' };
  const [Real, Thin] = [real[name] as Class, (classes as unknown as Readonly<Record<string, Class>>)[name] as Class];
  expect(shown(new Thin(input))).toEqual(shown(new Real(input)));
});

it('the thin errors are of the same families', () => {
  const missing = { message: 'it is not there', $metadata: { httpStatusCode: 404 } };
  for (const { S3ServiceException, ECSServiceException, NoSuchKey, NotFound } of [{ ...s3, ...ecs }, thin]) {
    for (const error of [new NoSuchKey(missing), new NotFound(missing)])
      expect([error instanceof S3ServiceException, error instanceof ECSServiceException]).toEqual([true, false]);
  }
});

it('the codes of Slack’s errors are those of its client', () => expect(slack.ErrorCode).toMatchObject(ErrorCode));
