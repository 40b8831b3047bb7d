import type { EventBridgeEvent, SQSBatchItemFailure, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { approveRun } from '../src/app/approve-run.ts';
import { cancelRun } from '../src/app/cancel-run.ts';
import { doErrand } from '../src/app/do-errand.ts';
import { fillForm, rememberAsked } from '../src/app/fill-form.ts';
import { keepAudit, keyOfWish, ofRequest, ofWish } from '../src/app/keep-audit.ts';
import { errorText, jsonLog as log } from '../src/app/log.ts';
import { progressMade } from '../src/app/progress-made.ts';
import { logReceived } from '../src/app/received.ts';
import { reportColdStarts } from '../src/app/report-cold-starts.ts';
import { runScheduled } from '../src/app/run-scheduled.ts';
import { startRun } from '../src/app/start-run.ts';
import { tellWhatIsDue } from '../src/app/tell-what-is-due.ts';
import type { World } from '../src/app/world.ts';
import { doorSource, schedulerSource } from '../src/aws/bus.ts';
import { parseObjectCreated } from '../src/aws/object-event.ts';
import { parseDueRequest } from '../src/coldstart/due.ts';
import { parseColdStartsRequest } from '../src/coldstart/request.ts';
import { readConfig } from '../src/config.ts';
import { parseVainRequest } from '../src/run/audit.ts';
import { parseFormRequest } from '../src/run/form-request.ts';
import type { RunRequest, RunWish } from '../src/run/request.ts';
import { parseErrandRequest, parseRunRequest, parseRunWish } from '../src/run/stored.ts';
import { coldStartsWorld } from './cold-starts-world.ts';
import { errandWorld } from './errand-world.ts';
import { kept } from './kept.ts';
import { runWorld } from './run-world.ts';

const config = readConfig(process.env);
const world = kept(() => runWorld(config));

/** Does what was asked for (from the queue), and shows the progress of what is on (S3 says that it has grown). */
export async function handler(event: SQSEvent | EventBridgeEvent<string, unknown>): Promise<SQSBatchResponse | undefined> {
  logReceived({ function: 'worker', stage: config.stage }, event, log);
  if (!('Records' in event)) {
    await progressMade(parseObjectCreated(event).key, await world());
    return undefined;
  }
  const batchItemFailures: SQSBatchItemFailure[] = [];
  for (const { messageId, body } of event.Records) {
    try {
      await handleRequest(v.parse(envelope, jsonOf(body)));
    } catch (error) {
      log('error', 'request failed', {
        messageId,
        because: errorText(error),
        next: 'it is delivered again; after the last time look into the DLQ',
      });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

/** @throws without a piece of the text, which `JSON.parse` would quote into our log: it may hold a response_url */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('Invalid: the message of the queue is not JSON');
  }
}

/** An event of our bus, as a rule of ours has put it into the queue. */
const envelope = v.object({ source: v.string(), 'detail-type': v.string(), detail: v.unknown() });

async function handleRequest({ source, 'detail-type': type, detail }: v.InferOutput<typeof envelope>): Promise<void> {
  switch (type) {
    case 'Run Requested': {
      from([doorSource, schedulerSource], source);
      const request = parseRunRequest(detail);
      const { asker } = request;
      // Only the scheduler says that a schedule asks, and it says nothing else.
      from([asker.kind === 'schedule' ? schedulerSource : doorSource], source);
      if (asker.kind === 'schedule') await runScheduled(request, asker.name, errandWorld(await world()));
      else await handleRunRequest(request, await world());
      return;
    }
    case 'Errand Requested':
      from([doorSource], source);
      await doErrand(parseErrandRequest(detail), errandWorld(await world()));
      return;
    case 'Form Wanted':
      from([doorSource], source);
      await fillForm(parseFormRequest(detail), await world());
      return;
    case 'Cold Starts Requested': {
      const request = parseColdStartsRequest(detail);
      // What nobody asked for may only come from the clock: it is not held against who may ask. A person comes by the door.
      from([request.occasion === undefined ? doorSource : schedulerSource], source);
      await reportColdStarts(request, coldStartsWorld(config, await world()));
      return;
    }
    case 'Cold Starts Due':
      from([schedulerSource], source);
      await tellWhatIsDue(parseDueRequest(detail), coldStartsWorld(config, await world()));
      return;
    case 'Approval Given':
      from([doorSource], source);
      await keepWish('approve', parseRunWish(detail), approveRun);
      return;
    case 'Asked In Vain': {
      from([doorSource], source);
      const { key, entry } = parseVainRequest(detail);
      await keepAudit(entry, key, await world());
      return;
    }
    case 'Cancel Requested':
      from([doorSource], source);
      await keepWish('cancel', parseRunWish(detail), cancelRun);
      return;
    default:
      throw new Error(`nobody here knows what to do about "${type}"`);
  }
}

async function handleRunRequest(request: RunRequest, world: World): Promise<void> {
  const started = await startRun(request, world);
  await keepAudit(ofRequest(request, started), request.key, world);
  if (started.kind !== 'refused') await rememberAsked(request, world);
}

/** Does what a press of a button asks for, and keeps what came of it. */
async function keepWish(deed: 'cancel' | 'approve', wish: RunWish, act: typeof cancelRun): Promise<void> {
  const now = await world();
  await keepAudit(ofWish(deed, wish, await act(wish, now)), keyOfWish(wish), now);
}

/** @throws when a request says that it comes from where such a one may not come from */
function from(sources: readonly string[], source: string): void {
  if (!sources.includes(source)) throw new Error(`such a request comes from ${sources.join(' or ')}, not from ${source}`);
}
