import type { Store } from '../aws/store.ts';
import { environmentKeys } from '../run/keys.ts';
import type { RunRequest } from '../run/request.ts';
import { keyHash, parseRunId, type RunId } from '../run/run-id.ts';
import { parseRunRequest } from '../run/stored.ts';

/** What a request came to, written once: whatever changes afterwards, the same request comes to the same. */
export type CameTo =
  /** `first`: the request that the run is of, without its response_url; whoever joins it sees to it that the run is there. */
  | { readonly version: 1; readonly askedAt: string; readonly runId: RunId; readonly first?: RunRequest }
  /** `alike`: because this run of the same words is on. */
  | { readonly version: 1; readonly askedAt: string; readonly refused: string; readonly alike?: RunId };

const claimOf = ({ command: { environment }, key }: RunRequest): string => environmentKeys(environment).request(keyHash(key));

const refusalOf = ({ command: { environment }, key }: RunRequest): string => environmentKeys(environment).refusal(keyHash(key));

/** What the request has come to before, or undefined when it is the first time. */
export async function resolvedBefore(request: RunRequest, store: Store): Promise<CameTo | undefined> {
  const claimed = (await store.get(claimOf(request), parseResolved))?.value;
  if (claimed === undefined || 'refused' in claimed) return claimed;
  return (await store.get(refusalOf(request), parseResolved))?.value ?? claimed;
}

/** Lets the request come to this, unless it has come to something: gives what stands. */
export async function resolve(request: RunRequest, to: CameTo, store: Store): Promise<CameTo> {
  if (await store.create(claimOf(request), to)) return to;
  return (await resolvedBefore(request, store)) ?? to;
}

/** A request that was to become a run, of which there is nothing yet, is refused for good: gives the words that stand. */
export async function refuseAfterAll(request: RunRequest, because: string, store: Store): Promise<string> {
  const refusal: CameTo = { version: 1, askedAt: request.askedAt, refused: because };
  if (await store.create(refusalOf(request), refusal)) return because;
  const stands = (await store.get(refusalOf(request), parseResolved))?.value;
  return stands !== undefined && 'refused' in stands ? stands.refused : because;
}

/** @throws for what is neither a run nor a refusal */
export function parseResolved(json: unknown): CameTo {
  if (typeof json === 'object' && json !== null && 'askedAt' in json && typeof json.askedAt === 'string') {
    const { askedAt } = json;
    if ('refused' in json && typeof json.refused === 'string') {
      const alike = 'alike' in json ? parseRunId(String(json.alike)) : undefined;
      return { version: 1, askedAt, refused: json.refused, ...(alike !== undefined && { alike }) };
    }
    const runId = 'runId' in json ? parseRunId(String(json.runId)) : undefined;
    const first = 'first' in json ? { first: parseRunRequest(json.first) } : {};
    if (runId !== undefined) return { version: 1, askedAt, runId, ...first };
  }
  throw new Error('it names neither a run nor a refusal');
}
