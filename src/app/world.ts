import type { Bus } from '../aws/bus.ts';
import type { Scheduler } from '../aws/scheduler.ts';
import type { Store } from '../aws/store.ts';
import type { TaskLog } from '../aws/task-log.ts';
import type { Tasks } from '../aws/tasks.ts';
import type { ColdStartSettings } from '../coldstart/settings.ts';
import type { Catalogue } from '../run/catalogue.ts';
import type { LinkKey } from '../run/link.ts';
import type { Fargate } from '../run/plan.ts';
import type { Called } from '../slack/call.ts';
import type { Say } from '../slack/say.ts';
import type { Log } from './log.ts';

/** What the workflows of a run need; a door makes it once, at the cold start. */
export interface World {
  /** Absent: coldframe.yml says nothing of cold starts. */
  readonly coldStarts?: ColdStartSettings | undefined;
  readonly catalogue: Catalogue;
  readonly fargate: Fargate;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly taskLog: TaskLog;
  readonly say: Say;
  readonly linkKey: LinkKey;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** A new random name for the holder of a lease. */
  readonly newOwner: () => string;
  readonly log: Log;
}

/** What errands and schedules need beside what runs need. */
export interface ErrandWorld extends World {
  readonly scheduler: Scheduler;
}

/** What the door needs to hand a request over. */
export interface DoorWorld {
  readonly catalogue: Catalogue;
  /** Absent: coldframe.yml says nothing of cold starts. */
  readonly coldStarts?: ColdStartSettings | undefined;
  readonly bus: Bus;
  /** One call to Slack, within the time that Slack gives. */
  readonly slack: (method: 'views.open' | 'chat.postEphemeral', args: object) => Promise<Called>;
  readonly log: Log;
}
