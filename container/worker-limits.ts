/**
 * Loaded into the suite's processes before its own code: in a worker of a parallel run, it ends scenarios whose time is over
 * (`scenario-limits.ts`). Nobody else knows at the right moment which scenario the worker has.
 *
 * A worker of cucumber 13 is a thread that speaks through a port, one of 10 to 12 a process. In both it names its scenarios in
 * what it sends to the main process. Should a later version do so in another way, they are not ended one by one, and the
 * container ends the run instead.
 */
import { isMainThread, workerData } from 'node:worker_threads';
import { readLimits, scenarioLimits } from './scenario-limits.ts';

/** What a worker sends through. */
type Send = (message: unknown, ...more: never[]) => unknown;

const limits = process.env.CUCUMBER_WORKER_ID === undefined ? undefined : readLimits(process.env);
if (limits !== undefined) listenTo(scenarioLimits(limits));

function listenTo(take: (message: unknown) => void): void {
  const heard =
    (send: Send): Send =>
    (message, ...more) => {
      take(envelopeIn(message));
      return send(message, ...more);
    };
  const port: unknown = isMainThread ? undefined : workerData?.port;
  if (port instanceof MessagePort) port.postMessage = heard(port.postMessage.bind(port) as Send);
  else if (isMainThread && process.send) process.send = heard(process.send.bind(process) as Send) as typeof process.send;
}

/** The message of cucumber's that is in what a worker sends, if there is one: 11 and later, or 10. */
function envelopeIn(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  if ('envelope' in message) return message.envelope;
  return 'jsonEnvelope' in message ? message.jsonEnvelope : undefined;
}
