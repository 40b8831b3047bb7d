import { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { ErrandWorld, World } from '../src/app/world.ts';
import { readAccount } from '../src/aws/account.ts';
import { patiently } from '../src/aws/client-settings.ts';
import { awsScheduler, type Scheduler } from '../src/aws/scheduler.ts';
import { readSchedulePlace } from '../src/config.ts';

let scheduler: Scheduler | undefined;

/** What errands need beside what runs need; made at the first one. */
export function errandWorld(world: World): ErrandWorld {
  scheduler ??= awsScheduler(
    new SchedulerClient({ ...patiently, credentials: readAccount(process.env).credentials }),
    readSchedulePlace(process.env),
  );
  return { ...world, scheduler };
}
