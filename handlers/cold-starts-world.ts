import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ColdStartsWorld } from '../src/app/report-cold-starts.ts';
import type { World } from '../src/app/world.ts';
import { eventBus } from '../src/aws/bus.ts';
import { patiently } from '../src/aws/client-settings.ts';
import { logInsights } from '../src/aws/log-insights.ts';
import type { Config } from '../src/config.ts';

let made: ColdStartsWorld | undefined;

/** What the answer to `/coldstarts` needs beside what runs need; made at the first question. */
export function coldStartsWorld(config: Config, { store, say, linkKey, nowMs, newOwner, log }: World): ColdStartsWorld {
  made ??= {
    settings: config.coldStarts,
    insights: logInsights(new CloudWatchLogsClient(patiently)),
    bus: eventBus(new EventBridgeClient(patiently), config.bus),
    pause: async (durationMs) => void (await pause(durationMs)),
    ...{ store, say, linkKey, nowMs, newOwner, log },
  };
  return made;
}
