import type { Outgoing } from '../wire/http-server.ts';
import { element, xmlDocument } from './s3-xml.ts';

/** S3's error codes that the local S3 says, with their HTTP status and S3's own words where they are always the same. */
const codes = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'Error parsing the query parameters of a presigned URL.'],
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match what the server received.'],
  ConditionalRequestConflict: [409, 'The conditional request cannot succeed due to a conflicting operation against this resource.'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MalformedTrailerError: [400, 'The request contained trailing data that was not well-formed or did not conform to our published schema.'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const;

export type S3Code = keyof typeof codes;

/** A request that S3 refuses: thrown anywhere below the door, answered there as S3's XML. */
export class S3Refusal extends Error {
  readonly code: S3Code;
  /** Further elements of the error document: `{ Key: …, Condition: … }`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: S3Code, details: Readonly<Record<string, string>> = {}, message: string = codes[code][1]) {
    super(message);
    this.name = code;
    this.code = code;
    this.details = details;
  }
}

/** For everything S3 has and the local S3 has not: said aloud, never ignored. */
export const notOffered = (what: string): S3Refusal => new S3Refusal('NotImplemented', {}, `The local S3 does not offer ${what}.`);

/** S3's answer to a refused request. */
export function refusalAnswer({ code, message, details }: S3Refusal, requestId: string): Outgoing {
  const elements = Object.entries({ Code: code, Message: message, ...details, RequestId: requestId, HostId: 'local' });
  return {
    status: codes[code][0],
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument(
      element(
        'Error',
        elements.map(([name, value]) => element(name, value)),
      ),
    ),
  };
}
