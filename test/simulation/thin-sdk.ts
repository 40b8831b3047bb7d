/**
 * Stands in for the SDKs' packages, of which the simulation needs no more than these names: the real ones take a second to load,
 * and their commands cost more to make than our S3 in memory takes to answer them. test/simulation/conformance.test.ts holds them
 * against the real ones.
 */

class Command {
  readonly input: unknown;

  constructor(input: unknown) {
    this.input = input;
  }
}

export class GetObjectCommand extends Command {}
export class HeadObjectCommand extends Command {}
export class ListObjectsV2Command extends Command {}
export class PutObjectCommand extends Command {}
export class DescribeTasksCommand extends Command {}
export class ListTasksCommand extends Command {}
export class RunTaskCommand extends Command {}
export class StopTaskCommand extends Command {}
export class GetLogEventsCommand extends Command {}

interface Trouble {
  readonly name: string;
  readonly message: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number };
}

class ServiceException extends Error {
  override readonly name: string;
  readonly $fault: Trouble['$fault'];
  readonly $metadata: Trouble['$metadata'];

  constructor({ name, message, $fault, $metadata }: Trouble) {
    super(message);
    this.name = name;
    this.$fault = $fault;
    this.$metadata = $metadata;
  }
}

export class S3ServiceException extends ServiceException {}
export class ECSServiceException extends ServiceException {}

type Missing = Pick<Trouble, 'message' | '$metadata'>;

export class NoSuchKey extends S3ServiceException {
  constructor(missing: Missing) {
    super({ name: 'NoSuchKey', $fault: 'client', ...missing });
  }
}
export class NotFound extends S3ServiceException {
  constructor(missing: Missing) {
    super({ name: 'NotFound', $fault: 'client', ...missing });
  }
}

/** Of Slack's client. */
export const ErrorCode = {
  RequestError: 'slack_webapi_request_error',
  HTTPError: 'slack_webapi_http_error',
  PlatformError: 'slack_webapi_platform_error',
  RateLimitedError: 'slack_webapi_rate_limited_error',
} as const;

/** Of the S3 presigner: no report is made here (short-report.ts). */
export const getSignedUrl = (): never => {
  throw new Error('the simulation makes no presigned address');
};
