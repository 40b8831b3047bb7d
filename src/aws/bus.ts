import * as v from 'valibot';
import type { ColdStartsRequest } from '../coldstart/request.ts';
import type { VainRequest } from '../run/audit.ts';
import type { ErrandRequest } from '../run/errand.ts';
import type { FormRequest } from '../run/form-request.ts';
import type { RunRequest, RunWish } from '../run/request.ts';
import type { AwsCall } from './aws-call.ts';

/** What may be put on our bus. */
export type BusEvent =
  | { readonly detailType: 'Run Requested'; readonly detail: RunRequest }
  | { readonly detailType: 'Cancel Requested' | 'Approval Given'; readonly detail: RunWish }
  | { readonly detailType: 'Errand Requested'; readonly detail: ErrandRequest }
  | { readonly detailType: 'Asked In Vain'; readonly detail: VainRequest }
  | { readonly detailType: 'Form Wanted'; readonly detail: FormRequest }
  | { readonly detailType: 'Cold Starts Requested'; readonly detail: ColdStartsRequest };

/** Of what a person asks, or a CI: the worker takes it from nowhere else. */
export const doorSource = 'coldframe.door';
/** Of what a clock asks. */
export const schedulerSource = 'coldframe.scheduler';

const answered = v.object({
  FailedEntryCount: v.nullish(v.number()),
  Entries: v.optional(
    v.array(v.object({ EventId: v.nullish(v.string()), ErrorCode: v.nullish(v.string()), ErrorMessage: v.nullish(v.string()) })),
    [],
  ),
});

/** Our own EventBridge bus. */
export function eventBus(eventBridge: AwsCall, busName: string) {
  /** Hands the event over; when it returns, EventBridge has it. @throws also when PutEvents answers 200 with a failed entry */
  async function put(event: BusEvent): Promise<void> {
    const { detailType, detail } = event;
    const isUnasked = event.detailType === 'Cold Starts Requested' && event.detail.occasion !== undefined;
    const entry = {
      EventBusName: busName,
      Source: isUnasked ? schedulerSource : doorSource,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    };
    const { FailedEntryCount, Entries } = v.parse(answered, await eventBridge('PutEvents', { Entries: [entry] }));
    const [result] = Entries;
    if (result?.EventId && !FailedEntryCount) return;
    const why = `${result?.ErrorCode ?? 'no event id'}: ${result?.ErrorMessage ?? 'EventBridge gave no reason'}`;
    throw new Error(`EventBridge did not take "${detailType}" on ${busName}: ${why}`);
  }

  return { put };
}

export type Bus = ReturnType<typeof eventBus>;
