import * as v from 'valibot';

/** What the door says to Slack within the three seconds that it has: one try each, without Slack's client, which takes longer to start. */
export interface SlackCall {
  readonly token: string;
  /** Absent: Slack's own. */
  readonly apiUrl?: string | undefined;
}

export type Called = { readonly kind: 'done'; readonly viewId?: string } | { readonly kind: 'refused'; readonly error: string };

/** Slack gives three seconds in all, a cold start included. */
const patienceMs = 2_000;

const answered = v.object({
  ok: v.boolean(),
  error: v.optional(v.string(), 'unknown'),
  view: v.optional(v.object({ id: v.pipe(v.string(), v.maxLength(100)) })),
});

/** Calls a method of Slack's. @throws when Slack is not to be reached, or says what nobody understands */
export async function slackCall({ token, apiUrl = 'https://slack.com/api/' }: SlackCall, method: string, args: object): Promise<Called> {
  const response = await fetch(new URL(method, apiUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify(args),
    signal: AbortSignal.timeout(patienceMs),
  });
  const { ok, error, view } = v.parse(answered, await response.json());
  return ok ? { kind: 'done', ...(view !== undefined && { viewId: view.id }) } : { kind: 'refused', error };
}
