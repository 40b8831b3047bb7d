import * as v from 'valibot';

/** A query that Logs Insights was asked, and what it is over. */
export interface AskedQuery {
  readonly queryId: string;
  /** Absent: every line of Lambda's own. */
  readonly wanted?: 'cold-lines' | 'warm-calls';
  readonly groups: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The detail of the event `Cold Starts Requested`: what somebody asked, and how far we are with it. A function does not live as
 * long as a query may take, so each pass hands the rest to the next.
 */
export interface ColdStartsRequest {
  readonly version: 1;
  /** The same key is the same question. */
  readonly key: string;
  /** ISO 8601, the time it was asked. */
  readonly askedAt: string;
  readonly userId: string;
  readonly channel: string;
  /** What stands after `/coldstarts`. */
  readonly text: string;
  /** Slack's response_url. Never logged. */
  readonly responseUrl?: string;
  /** Absent: a person asks, `userId`. */
  readonly occasion?: Occasion;
  /** Absent in the first pass. */
  readonly underWay?: UnderWay;
}

/** Why we look though nobody asks: coldframe.yml says so for this channel. */
export type Occasion =
  | { readonly kind: 'digest' }
  /** Whole hours, from one to before another; hours since 1970. */
  | { readonly kind: 'watch'; readonly from: number; readonly to: number };

export interface UnderWay {
  /** Counted from 1. */
  readonly pass: number;
  readonly queries: readonly AskedQuery[];
  /** What could not be asked yet: the account had too many queries. */
  readonly waiting: readonly Omit<AskedQuery, 'queryId'>[];
  /** The end of the window, the same in all passes. */
  readonly toMs: number;
  /** There are too many calls to look at each: CloudWatch counts the warm ones. */
  readonly isHot?: boolean;
  /** What queries have looked at whose results are of no use any more: it is paid all the same. */
  readonly spentBytes?: number;
}

const line = v.pipe(v.string(), v.maxLength(4_000));
const ms = v.pipe(v.number(), v.integer(), v.minValue(0));
const piece = {
  wanted: v.exactOptional(v.picklist(['cold-lines', 'warm-calls'])),
  groups: v.pipe(v.array(line), v.maxLength(50)),
  fromMs: ms,
  toMs: ms,
};

const request = v.pipe(
  v.object({
    version: v.literal(1),
    key: line,
    askedAt: v.pipe(v.string(), v.isoTimestamp()),
    /** Nobody, or a person: it is shown as one who is mentioned. */
    userId: v.pipe(v.string(), v.regex(/^(?:[UW][A-Z0-9]{2,20})?$/)),
    channel: line,
    text: line,
    responseUrl: v.exactOptional(line),
    occasion: v.exactOptional(
      v.variant('kind', [v.object({ kind: v.literal('digest') }), v.object({ kind: v.literal('watch'), from: ms, to: ms })]),
    ),
    underWay: v.exactOptional(
      v.object({
        pass: ms,
        queries: v.pipe(v.array(v.object({ queryId: line, ...piece })), v.maxLength(200)),
        waiting: v.pipe(v.array(v.object(piece)), v.maxLength(200)),
        toMs: ms,
        isHot: v.exactOptional(v.boolean()),
        spentBytes: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
      }),
    ),
  }),
  v.check(({ userId, occasion }) => userId !== '' || occasion !== undefined, 'Invalid: it says neither who asks nor why'),
);

/** @throws naming the field that is not such a request's */
export const parseColdStartsRequest = (json: unknown): ColdStartsRequest => v.parse(request, json);

/** Stands where a run's environment does in keys and links; no environment can be called so. */
const place = '0-cold-starts';

/** Where a question's answer is kept. `id` is safe within a key. */
export const coldStartsKeys = (id: string) => ({
  said: `state/${place}/${id}.json`,
  page: { environment: place, runId: id, file: 'report.html' },
});

/** What was last found of all functions. */
export const coldStartsHeadline = `state/${place}/headline.json`;

const headlineForm = v.object({ version: v.literal(1), at: v.string(), text: v.string() });

/** @throws for anything that is not ours */
export const parseHeadline = (json: unknown) => v.parse(headlineForm, json);

/** What is kept of a channel that is told unasked. */
export const toldKeys = (channel: string) => ({
  due: `state/${place}/channels/${channel}/due.json`,
  watch: `state/${place}/channels/${channel}/watch.json`,
});
