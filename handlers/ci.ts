import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as v from 'valibot';
import { askOverHttp, type HttpWorld, tellOfRefusedCi, tellOverHttp } from '../src/app/ask-over-http.ts';
import { logReceived } from '../src/app/received.ts';
import type { AwsCall } from '../src/aws/aws-call.ts';
import { readSecrets } from '../src/aws/secrets.ts';
import type { Config } from '../src/config.ts';
import { type CiCaller, callerOfKey, callerOfToken } from '../src/run/ci.ts';
import { isSignedWith, signatureHeaders, timestampFault } from '../src/run/signature.ts';
import { rawBody } from '../src/slack/request.ts';
import { kept } from './kept.ts';

type Answer = APIGatewayProxyStructuredResultV2;
type Found = { readonly kind: 'caller'; readonly caller: CiCaller } | { readonly kind: 'rejected'; readonly because: string };

/** The routes of CI: `POST /runs` and `GET /runs/{id}` with a signature, and the same below `/oidc` with a token of its provider. */
export function ciDoor({ ci, ciKeysPath, stage }: Pick<Config, 'ci' | 'ciKeysPath' | 'stage'>, ssm: AwsCall) {
  // A key that is not in coldframe.yml costs no call to SSM.
  const secrets = new Map(
    Object.keys(ci?.keys ?? {}).map((id) => [id, kept(async () => (await readSecrets(ssm, [`${ciKeysPath}/${id}`]))[0])]),
  );

  async function answer(event: APIGatewayProxyEventV2, world: HttpWorld): Promise<Answer> {
    if (ci === undefined)
      return json(404, { error: 'coldframe.yml lets no CI ask for runs: add `ci` (docs/ci.md), run `npm run build` and deploy' });
    const found = event.rawPath.startsWith('/oidc/')
      ? ({ kind: 'caller', caller: callerOfToken(claimsOf(event), ci) } as const)
      : await callerOf(event, world.nowMs());
    if (found.kind === 'rejected') {
      world.log('warn', 'request rejected', { status: 401, because: found.because });
      return json(401, { error: found.because });
    }
    logReceived({ function: 'http', stage }, event, world.log);
    const id = event.pathParameters?.id;
    const told =
      id === undefined ? await askOverHttp(rawBody(event).toString(), found.caller, world) : await tellOverHttp(id, found.caller, world);
    if (told.status >= 400) {
      world.log('warn', 'request refused', { status: told.status, by: found.caller.asker, because: told.body });
      // Who only looks has asked for nothing.
      if (id === undefined) await tellOfRefusedCi(rawBody(event).toString(), found.caller, told, world);
    }
    return json(told.status, told.body);
  }

  /** Whose signature it is. What is wrong with key or signature is not told apart: that would help to find a key. */
  async function callerOf(event: APIGatewayProxyEventV2, nowMs: number): Promise<Found> {
    const { key = '', timestamp = '', signature = '' } = signed(event);
    const late = timestampFault(timestamp, nowMs);
    if (late !== undefined) return { kind: 'rejected', because: late };
    const caller = ci && callerOfKey(key, ci);
    const secret = await secrets.get(key)?.();
    const { method } = event.requestContext.http;
    const request = { method, path: event.rawPath, query: event.rawQueryString, timestamp, body: rawBody(event) };
    if (caller !== undefined && secret !== undefined && isSignedWith(secret, request, signature)) return { kind: 'caller', caller };
    const because = `the request is not signed with a key that coldframe.yml knows (headers ${Object.values(signatureHeaders).join(', ')}; docs/ci.md)`;
    return { kind: 'rejected', because };
  }

  return { answer };
}

const signed = ({ headers }: APIGatewayProxyEventV2) => ({
  key: headers[signatureHeaders.key],
  timestamp: headers[signatureHeaders.timestamp],
  signature: headers[signatureHeaders.signature],
});

const withClaims = v.object({ authorizer: v.object({ jwt: v.object({ claims: v.record(v.string(), v.unknown()) }) }) });

/** API Gateway has verified the token: without it, no request comes here. */
function claimsOf({ rawPath, requestContext }: APIGatewayProxyEventV2): Readonly<Record<string, string>> {
  const parsed = v.safeParse(withClaims, requestContext);
  if (!parsed.success) throw new Error(`${rawPath} came without verified claims: its route must have the authorizer of serverless.yml`);
  return Object.fromEntries(Object.entries(parsed.output.authorizer.jwt.claims).map(([name, value]) => [name, claimText(value)]));
}

/** A claim may be a list, or anything: as JSON it fits no pattern by chance. */
const claimText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const json = (statusCode: number, body: object): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
