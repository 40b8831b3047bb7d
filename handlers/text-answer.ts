import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** An answer of one sentence. */
export const text = (statusCode: number, body: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});
