import * as v from 'valibot';
import { type IamCall, iamCall } from '../iam/iam-call.ts';

const Asked = v.looseObject({
  Entries: v.array(
    v.looseObject({
      EventBusName: v.optional(v.string(), 'default'),
      Source: v.optional(v.string(), ''),
      DetailType: v.optional(v.string(), ''),
    }),
  ),
});

/** What EventBridge checks of PutEvents: each bus, with the sources and kinds of all events for it. */
export function eventsNeeds(place: { readonly region: string; readonly account: string }, input: unknown): IamCall[] {
  const asked = v.safeParse(Asked, input);
  if (!asked.success) return [];
  const byBus = Map.groupBy(asked.output.Entries, ({ EventBusName }) => EventBusName);
  return [...byBus].map(([bus, entries]) =>
    iamCall('events:PutEvents', bus.startsWith('arn:') ? bus : `arn:aws:events:${place.region}:${place.account}:event-bus/${bus}`, {
      'events:source': [...new Set(entries.map(({ Source }) => Source))],
      'events:detail-type': [...new Set(entries.map(({ DetailType }) => DetailType))],
    }),
  );
}
