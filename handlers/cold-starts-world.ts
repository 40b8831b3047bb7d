import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ColdStartsWorld } from '../src/app/report-cold-starts.ts';
import type { World } from '../src/app/world.ts';
import { readAccount } from '../src/aws/account.ts';
import { awsCall, eventBridge } from '../src/aws/aws-call.ts';
import { eventBus } from '../src/aws/bus.ts';
import { patiently } from '../src/aws/client-settings.ts';
import { logInsights } from '../src/aws/log-insights.ts';
import type { Config } from '../src/config.ts';

let made: ColdStartsWorld | undefined;

/** What the answer to `/coldstarts` needs beside what runs need; made at the first question. */
export function coldStartsWorld(config: Config, { store, say, linkKey, nowMs, newOwner, log }: World): ColdStartsWorld {
  if (made !== undefined) return made;
  const account = readAccount(process.env);
  made = {
    settings: config.coldStarts,
    insights: logInsights(new CloudWatchLogsClient({ ...patiently, credentials: account.credentials })),
    bus: eventBus(awsCall(eventBridge, { account, patience: patiently }), config.bus),
    pause: async (durationMs) => void (await pause(durationMs)),
    ...{ store, say, linkKey, nowMs, newOwner, log },
  };
  return made;
}
