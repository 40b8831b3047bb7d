import * as v from 'valibot';
import type { Filled } from './form.ts';
import type { RunId } from './run-id.ts';
import { parseRunId } from './run-id.ts';

/** The detail of the event `Form Wanted`: an open modal is to become the form, filled in as somebody has it. */
export interface FormRequest {
  readonly version: 1;
  readonly viewId: string;
  readonly userId: string;
  /** ISO 8601. */
  readonly askedAt: string;
  /** Where it was opened; absent: nowhere in particular. */
  readonly channel?: string;
  /** Comes back with the form, as it is. */
  readonly metadata: string;
  /** What it holds; absent: it was just opened. */
  readonly filled?: Filled;
  /** The run that is to be asked for again. */
  readonly again?: { readonly environment: string; readonly runId: RunId };
}

const short = v.pipe(v.string(), v.maxLength(300));
const long = v.pipe(v.string(), v.maxLength(3_000));
const environmentName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,27}$/));

const choice = v.object({
  environment: environmentName,
  tags: long,
  features: v.pipe(v.array(short), v.maxLength(100)),
  ref: v.exactOptional(long),
  shards: v.exactOptional(short),
  retry: v.exactOptional(short),
});
const filled = v.object({ choice, isOwn: v.boolean(), isStale: v.boolean() });

const request = v.object({
  version: v.literal(1),
  viewId: v.pipe(v.string(), v.maxLength(100)),
  userId: v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,20}$/)),
  askedAt: v.pipe(v.string(), v.isoTimestamp()),
  channel: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
  metadata: long,
  filled: v.exactOptional(filled),
  again: v.exactOptional(
    v.object({
      environment: environmentName,
      runId: v.pipe(
        v.string(),
        v.check((given) => parseRunId(given) !== undefined, 'is not the id of a run'),
        v.transform((given) => given as RunId),
      ),
    }),
  ),
});

/** @throws naming the field that is not a form request's */
export const parseFormRequest = (json: unknown): FormRequest => v.parse(request, json);

/** What somebody asked for last: what the form offers first. */
export interface Remembered {
  readonly version: 1;
  readonly filled: Filled;
}

const remembered = v.object({ version: v.literal(1), filled });

/** @throws naming the field that is not a memory's */
export const parseRemembered = (json: unknown): Remembered => v.parse(remembered, json);
