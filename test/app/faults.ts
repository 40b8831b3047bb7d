import { cancelRun } from '../../src/app/cancel-run.ts';
import { type StoppedTask, taskStopped } from '../../src/app/finish-run.ts';
import type { RunRef } from '../../src/app/run-store.ts';
import { startRun } from '../../src/app/start-run.ts';
import { sweep } from '../../src/app/sweep.ts';
import type { EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import type { TaskStop } from '../../src/outcome/stop.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf } from './edges.ts';
import { passedMessages } from './messages.ts';
import { mortal } from './mortal.ts';
import { leaveMessages, leavePassed, start, stoppedTask } from './run-steps.ts';

/** Something that AWS, Slack or a person may do, and how a run lives through it. */
export interface Fault {
  readonly what: string;
  /**
   * @param show keeps what the channels show at this moment
   * @param responseUrl where whoever asked hears of what only they see
   */
  readonly act: (edges: Edges, show: (when: string) => void, responseUrl: string) => Promise<void>;
}

const minute = 60_000;
const runTaskSays =
  (trouble: EcsDisturbance): Fault['act'] =>
  async (edges, show) => {
    edges.faults.ecs = ({ operation }) => (operation === 'RunTask' ? trouble : undefined);
    await begin(edges);
    await sweepAfter(edges, 4 * minute);
    await sweepAfter(edges, 4 * minute);
    // Throttled, ECS does not say that there is no task: the next sweep sees that.
    await sweepAfter(edges, 5 * minute);
    show('at the end');
  };
/** A sweep, to which ECS lists the newest task only: those of other faults are none of this one's. */
const sweepAfter = async ({ pass, world, ecs }: Edges, passMs: number) => {
  pass(passMs);
  const listFamily = async () =>
    ecs
      .tasks()
      .slice(-1)
      .map(({ arn }) => arn);
  await sweep({ ...world, tasks: { ...world.tasks, listFamily } }).catch(() => {});
};
const pass = async (edges: Edges, ref: RunRef) => {
  await leavePassed(edges, ref);
  await taskStopped(await stoppedTask(edges, ref), edges.world).catch(() => {});
};
/** ECS says that the task has stopped, in these words; those of a task whose container ran begin with `startedAt`. */
const stopped =
  (words: Omit<TaskStop, 'taskArn'>): Fault['act'] =>
  async (edges, show) => {
    await tell(edges, await begin(edges), words);
    show('at the end');
  };
async function tell(edges: Edges, ref: RunRef, words: Omit<TaskStop, 'taskArn'>): Promise<StoppedTask> {
  const task = await stoppedTask(edges, ref);
  const stop = { taskArn: task.taskArn, stoppedAt: new Date(edges.world.nowMs()).toISOString(), ...words };
  await taskStopped({ ...task, stop }, edges.world);
  return { ...task, stop };
}
const began = { startedAt: '2026-11-23T04:12:30.000Z' };
const neverBegan = (stoppedReason: string) => ({ stopCode: 'TaskFailedToStart', stoppedReason });
const interfaceLate = neverBegan('Timeout waiting for network interface provisioning to complete.');
const takenBack = { ...began, stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: 143 };
const noCapacity: EcsDisturbance = {
  kind: 'failures',
  failures: [{ reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' }],
};
const slackSays = (edges: Edges, error: string, where: (method: string, channel: string) => boolean) => {
  edges.faults.slack = (method, { channel }) => (where(method, String(channel)) ? { kind: 'error', error } : undefined);
};
const deleteMessage = async ({ parents, world }: Edges) => {
  const message = parents().at(-1);
  if (message !== undefined) await world.say.remove(message.channel, message.ts);
};
/** A request by the clock of these edges, which other faults may have put forward. */
const ask = (edges: Edges, fields: Partial<RunRequest> = {}) =>
  requestOf({ askedAt: new Date(edges.world.nowMs()).toISOString(), ...fields });
const begin = (edges: Edges, fields: Partial<RunRequest> = {}) => start(edges, ask(edges, fields));

/** By whose fault it is. */
export const faults: Readonly<Record<string, readonly Fault[]>> = {
  'Fargate and ECS': [
    {
      what: 'AWS has no Fargate capacity, then has some again',
      act: async (edges, show) => {
        edges.faults.ecs = ({ operation }) => (operation === 'RunTask' ? noCapacity : undefined);
        const ref = await begin(edges);
        show('while it waits');
        edges.faults.ecs = undefined;
        await sweepAfter(edges, 4 * minute);
        await pass(edges, ref);
        show('at the end');
      },
    },
    { what: 'AWS has no Fargate capacity, three times', act: runTaskSays(noCapacity) },
    {
      what: 'ECS throttles us, three times',
      act: runTaskSays({ kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' }),
    },
    {
      what: 'the account runs as many vCPUs as it may',
      act: runTaskSays({
        kind: 'failures',
        failures: [{ reason: "You've reached the limit on the number of vCPUs you can run concurrently" }],
      }),
    },
    {
      what: 'we may not start the task',
      act: runTaskSays({
        kind: 'refused',
        type: 'AccessDeniedException',
        message: 'User: arn:aws:sts::000000000000:assumed-role/worker is not authorized to perform: ecs:RunTask',
      }),
    },
    {
      what: 'somebody cancels while a run waits for capacity',
      act: async (edges, show) => {
        edges.faults.ecs = ({ operation }) => (operation === 'RunTask' ? noCapacity : undefined);
        const { environment, runId } = await begin(edges);
        const askedAt = new Date(edges.world.nowMs()).toISOString();
        await cancelRun({ version: 1, environment, runId, askedAt, asker: { kind: 'slack', userId: 'U0ADA' } }, edges.world);
        show('at the end');
      },
    },
    {
      what: 'the task fails to start, without containers, as its network interface was late; another one starts',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await tell(edges, ref, interfaceLate);
        show('then');
        await leavePassed(edges, ref);
        await taskStopped({ ...(await stoppedTask(edges, ref)), attempt: 2 }, edges.world);
        show('at the end');
      },
    },
    {
      what: 'the task fails to start: its image is not there',
      act: stopped(
        neverBegan(
          'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref suite:latest: not found',
        ),
      ),
    },
    {
      what: 'the task fails to start: its subnet has no way out',
      act: stopped(
        neverBegan(
          'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR.',
        ),
      ),
    },
    {
      what: 'AWS takes Spot capacity back from an environment with `capacity: spot`: all runs again, on demand',
      act: async (edges, show) => {
        const catalogue = catalogueOf({ name: 'local', tasksAtOnce: 40, capacity: 'spot' });
        const onSpot = { ...edges, world: { ...edges.world, catalogue } };
        const ref = await begin(onSpot);
        await tell(onSpot, ref, takenBack);
        show('then');
        await leaveMessages(onSpot, ref, passedMessages, 0, 1, 2);
        await taskStopped({ ...(await stoppedTask(onSpot, ref)), attempt: 2 }, onSpot.world);
        show('at the end');
      },
    },
    {
      what: 'AWS takes Spot capacity back',
      act: stopped(takenBack),
    },
    {
      what: 'AWS retires the machine',
      act: stopped({
        ...began,
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'ECS is performing maintenance on the underlying infrastructure hosting the task',
      }),
    },
    {
      what: 'the container runs out of memory',
      act: stopped({
        ...began,
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        exitCode: 137,
        containerReason: 'OutOfMemoryError: Container killed due to memory usage',
      }),
    },
    {
      what: 'somebody stops the task in the AWS console',
      act: stopped({ ...began, stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', exitCode: 143 }),
    },
    {
      what: 'ECS does not know the task yet, right after RunTask (`MISSING`)',
      act: async (edges, show) => {
        const ref = await begin(edges);
        edges.faults.ecs = ({ operation }) => (operation === 'DescribeTasks' ? { kind: 'missing' } : undefined);
        await sweepAfter(edges, minute);
        show('then');
        edges.faults.ecs = undefined;
        await pass(edges, ref);
        show('at the end');
      },
    },
    {
      what: 'ECS does not know the task any more, and has told nobody that it stopped',
      act: async (edges, show) => {
        await begin(edges);
        edges.faults.ecs = ({ operation }) => (operation === 'DescribeTasks' ? { kind: 'missing' } : undefined);
        await sweepAfter(edges, 11 * minute);
        show('at the end');
      },
    },
    {
      what: 'the task goes on past its deadline, and does not stop when it is told to',
      act: async (edges, show) => {
        await begin(edges);
        await sweepAfter(edges, 120 * minute);
        await sweepAfter(edges, 5 * minute);
        show('at the end');
      },
    },
  ],
  'Events and functions': [
    {
      what: 'both events that tell of the stop are lost',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await leavePassed(edges, ref);
        const { taskArn } = await stoppedTask(edges, ref);
        await edges.world.tasks.stop(taskArn, 'over');
        for (let look = 0; look < 100 && edges.ecs.tasks().at(-1)?.lastStatus !== 'STOPPED'; look += 1)
          await new Promise((resolve) => setTimeout(resolve, 50));
        await sweepAfter(edges, 5 * minute);
        show('at the end');
      },
    },
    {
      what: 'the events that tell of the stop come three times, two of them at once',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await leavePassed(edges, ref);
        const task = await stoppedTask(edges, ref);
        await Promise.all([taskStopped(task, edges.world), taskStopped(task, edges.world)]);
        await taskStopped(task, edges.world);
        show('at the end');
      },
    },
    {
      what: 'the function dies while it starts the task, and the request is delivered again',
      act: async (edges, show) => {
        const request = ask(edges);
        await startRun(request, mortal(edges.world, { death: { call: 17, isDone: true } })).catch(() => {});
        edges.pass(6 * minute);
        const came = await startRun(request, edges.world);
        await sweepAfter(edges, minute);
        if (came.kind === 'run') await pass(edges, { environment: 'local', runId: came.runId });
        show('at the end');
      },
    },
    {
      what: 'a deploy in the middle of the run takes its environment out of coldframe.yml',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await leavePassed(edges, ref);
        const catalogue = new Map([...edges.world.catalogue].filter(([name]) => name !== 'local'));
        await taskStopped(await stoppedTask(edges, ref), { ...edges.world, catalogue });
        show('at the end');
      },
    },
    {
      what: 'the request waited for more than a quarter of an hour before anybody looked at it',
      act: async (edges, show, responseUrl) => {
        await startRun(requestOf({ askedAt: new Date(edges.world.nowMs() - 16 * minute).toISOString(), responseUrl }), edges.world);
        show('only to whoever asked');
      },
    },
  ],
  Slack: [
    {
      what: 'somebody deletes the message of a run that passes: that is an answer',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await deleteMessage(edges);
        await pass(edges, ref);
        show('at the end');
      },
    },
    {
      what: 'somebody deletes the message of a run that does not end well: it is said again, once',
      act: async (edges, show) => {
        const ref = await begin(edges);
        await deleteMessage(edges);
        const task = await stoppedTask(edges, ref);
        await taskStopped(task, edges.world).catch(() => {});
        await taskStopped(task, edges.world);
        show('at the end');
      },
    },
    {
      what: 'we are no member of the channel in which the run was asked for (`not_in_channel`): it is reported where its environment reports',
      act: async (edges, show, responseUrl) => {
        slackSays(edges, 'not_in_channel', (_, channel) => channel === 'C0DEV');
        const ref = await begin(edges, { channel: 'C0DEV', responseUrl });
        show('then, and to whoever asked');
        await pass(edges, ref);
        show('at the end');
      },
    },
    {
      what: 'the channel is archived while the run is on (`is_archived`): its end is said where its environment reports',
      act: async (edges, show) => {
        const ref = await begin(edges, { channel: 'C0DEV' });
        slackSays(edges, 'is_archived', (_, channel) => channel === 'C0DEV');
        await leavePassed(edges, ref);
        const task = await stoppedTask(edges, ref);
        await taskStopped(task, edges.world).catch(() => {});
        await taskStopped(task, edges.world);
        show('at the end');
      },
    },
    {
      what: 'no channel takes the message: nothing is started',
      act: async (edges, show, responseUrl) => {
        slackSays(edges, 'channel_not_found', (method) => method === 'chat.postMessage');
        await startRun(ask(edges, { responseUrl }), edges.world);
        show('only to whoever asked');
      },
    },
    {
      what: 'our token is revoked, and another one is in place five minutes later',
      act: async (edges, show) => {
        const ref = await begin(edges);
        slackSays(edges, 'token_revoked', () => true);
        await pass(edges, ref);
        show('until then');
        edges.faults.slack = undefined;
        await sweepAfter(edges, 5 * minute);
        show('at the end');
      },
    },
    {
      what: 'Slack has no time for the end (429)',
      act: async (edges, show) => {
        const ref = await begin(edges);
        edges.faults.slack = () => ({ kind: 'http', status: 429, retryAfterS: 30 });
        await pass(edges, ref);
        edges.faults.slack = undefined;
        await sweepAfter(edges, 5 * minute);
        show('at the end');
      },
    },
    {
      what: 'Slack refuses the blocks (`msg_blocks_too_long`): the words are said',
      act: async (edges, show) => {
        const ref = await begin(edges);
        edges.faults.slack = (_, { blocks }) =>
          blocks !== undefined && blocks !== '[]' ? { kind: 'error', error: 'msg_blocks_too_long' } : undefined;
        await pass(edges, ref);
        show('at the end');
      },
    },
    {
      what: 'the workspace lets nobody change messages after a while (`edit_window_closed`): the end is a message of its own',
      act: async (edges, show) => {
        const ref = await begin(edges);
        slackSays(edges, 'edit_window_closed', (method) => method === 'chat.update');
        await leavePassed(edges, ref);
        const task = await stoppedTask(edges, ref);
        await taskStopped(task, edges.world).catch(() => {});
        await taskStopped(task, edges.world);
        show('at the end');
      },
    },
    {
      what: 'the answer to the post of the message is lost: whoever comes next looks for it before posting again',
      act: async (edges, show) => {
        const request = ask(edges);
        edges.faults.slack = (method) => (method === 'chat.postMessage' ? { kind: 'lost' } : undefined);
        await startRun(request, edges.world).catch(() => {});
        edges.faults.slack = undefined;
        edges.pass(6 * minute);
        const came = await startRun(request, edges.world);
        if (came.kind === 'run') await pass(edges, { environment: 'local', runId: came.runId });
        show('at the end');
      },
    },
  ],
};
