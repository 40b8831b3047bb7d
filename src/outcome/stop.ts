import { notStartedRows, type StopMeaning, type StopRow, stopCodeMeanings, stoppedRows } from './stop-catalogue.ts';

/** Why a task ended, in words for a person at 3 a.m. */
export interface StopReason {
  /** What happened: `The container was killed because it ran out of memory.` */
  readonly what: string;
  /** What to do next: `Give the task more memory (memoryMb in coldframe.yml) or run fewer workers.` */
  readonly next: string;
  /** ECS's own texts, as they came, for whoever searches for them. */
  readonly raw: string;
  /** Whether the same run may succeed when tried again without a change (capacity, network interface, Spot). */
  readonly isTransient: boolean;
  /**
   * What Coldframe does about it when the task never came to its container: it asks for another one, `at-once` or `later`. Absent:
   * nothing, a person has to. Scenarios that have begun are begun again by us only where `capacity: spot` says so, and AWS took the
   * task back.
   */
  readonly retried?: 'at-once' | 'later';
  /** The last lines of the task's log, where nothing else explains its end. */
  readonly lastLines?: readonly string[];
}

/**
 * What ECS says of a task that has stopped: the parts of the `ECS Task State Change` event, or of DescribeTasks.
 * Everything may be missing: a task that failed to start has no containers.
 */
export interface TaskStop {
  readonly taskArn: string;
  /** Open list: TaskFailedToStart, EssentialContainerExited, UserInitiated, SpotInterruption, … */
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Of the suite's container. */
  readonly exitCode?: number;
  readonly containerReason?: string;
  /** What the suite's container was made of: its image's digest; where ECS names none, the task definition with its revision. */
  readonly image?: string;
  readonly startedAt?: string;
  readonly stoppedAt?: string;
}

/** Why RunTask gave no task: a failure's reason and detail, or an error's name and message. */
export interface RunTaskFailure {
  readonly reason: string;
  readonly detail?: string;
}

/** Why a task ended, from what ECS says. A text that nobody has seen before is shown as it is. */
export function explainStop(stop: TaskStop): StopReason {
  const { stopCode, stoppedReason, containerReason, exitCode } = stop;
  const parts = [
    stopCode,
    stoppedReason,
    containerReason && `container: ${containerReason}`,
    exitCode !== undefined && `exit code ${exitCode}`,
  ];
  return { ...meaning(stop), raw: parts.filter((part) => typeof part === 'string' && part !== '').join(' · ') };
}

/** Why a run never started, from what RunTask answered. */
export function explainRunTaskFailure({ reason, detail }: RunTaskFailure): StopReason {
  const raw = [reason, detail].filter((part) => part !== undefined && part !== '').join(': ');
  const row = notStartedRows.find(({ says }) => says.test(raw));
  if (row !== undefined) return { ...withoutPattern(row), raw };
  return {
    what: sentence(`ECS did not start the task: ${raw === '' ? 'it gave no reason' : raw}`),
    next: 'Run it again; if it stays, look at the cluster in the ECS console and at the events of the AWS Health Dashboard.',
    raw,
    isTransient: false,
  };
}

function meaning({ stopCode = '', stoppedReason = '', containerReason = '', exitCode }: TaskStop): StopMeaning {
  // What somebody wrote into StopTask is theirs: it may say anything.
  if (stopCode === 'UserInitiated') return byUser(stoppedReason);
  const row = rowFor(containerReason) ?? rowFor(stoppedReason);
  if (row !== undefined) return withoutPattern(row);
  const ofCode = Object.hasOwn(stopCodeMeanings, stopCode) ? stopCodeMeanings[stopCode] : undefined;
  if (ofCode !== undefined) return ofCode;
  const news = commonplace.test(stoppedReason) ? '' : stoppedReason;
  const said = [news, containerReason].filter((text) => text !== '').join('; ');
  if (stopCode === 'TaskFailedToStart' || /^Task ?failed ?to ?start/i.test(stoppedReason)) return failedToStart(said);
  if (exitCode !== undefined && news === '') return byExitCode(exitCode, containerReason);
  return unknownStop(said || stoppedReason || stopCode);
}

/** What ECS says when it has nothing to say beyond the stop code. */
const commonplace = /^(?:Essential container in task exited|Task ?failed ?to ?start|Task stopped by user)?\.?$/i;

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

const rowFor = (text: string): StopRow | undefined => stoppedRows.find(({ says }) => says.test(text));

const withoutPattern = ({ says: _, ...meaning }: StopRow): StopMeaning => meaning;

const byUser = (reason: string): StopMeaning => ({
  what: commonplace.test(reason) ? 'Somebody stopped the task.' : sentence(`The task was stopped: ${reason}`),
  next: 'Run it again when you are ready; CloudTrail knows who called StopTask.',
  isTransient: false,
});

const failedToStart = (text: string): StopMeaning => ({
  what: text === '' ? 'The task failed to start, and ECS does not say why.' : sentence(`The task failed to start: ${text}`),
  next: 'Look at the stopped task in the ECS console within the hour, and at its log; then check the image, the roles and the network.',
  isTransient: false,
});

const unknownStop = (text: string): StopMeaning => ({
  what: text === '' ? 'The task stopped, and ECS does not say why.' : sentence(`The task stopped: ${text}`),
  next: 'Look at the task in the ECS console within the hour, and at its log; then run it again.',
  isTransient: false,
});

const readLog = "Look at the last lines of the task's log.";

function byExitCode(exitCode: number, reason: string): StopMeaning {
  const asSaid = reason === '' ? '' : ` (${reason})`;
  switch (exitCode) {
    case 0:
      return {
        what: `The container ended by itself, with exit code 0${asSaid}.`,
        next: `It should have said how the run went: ${lower(readLog)}`,
        isTransient: false,
      };
    case 2:
      return {
        what: 'The container was not told what to do: its settings are incomplete.',
        next: "The last lines of the task's log name what is missing; deploy again, or mend the task definition.",
        isTransient: false,
      };
    case 5:
      return {
        what: 'The container could not write to the bucket what it had to say.',
        next: "Look whether S3 can be reached from the task's subnets, and at the task role's permissions; the task's log says what was lost.",
        isTransient: false,
      };
    case 126:
    case 127:
      return {
        what: `The container's program could not be run: exit code ${exitCode}${asSaid}.`,
        next: "Check the image's ENTRYPOINT and the task definition's command.",
        isTransient: false,
      };
    case 134:
    case 139:
      return {
        what: `The container's program crashed: exit code ${exitCode}, ${exitCode === 139 ? 'a segmentation fault' : 'an abort'}${asSaid}.`,
        next: `${readLog} Most often it is the browser: try the image with another version of it.`,
        isTransient: false,
      };
    case 137:
      return {
        what: `The container was killed with SIGKILL: exit code 137${asSaid}.`,
        next: 'Most often it is memory: give the task more (memoryMb in coldframe.yml). Or it did not end in time when it was asked to.',
        isTransient: false,
      };
    case 143:
      return {
        what: `The container was asked to end: exit code 143, SIGTERM${asSaid}.`,
        next: 'Run it again; if it happens again, find out who stops the task.',
        isTransient: true,
      };
    default:
      return { what: `The container ended with exit code ${exitCode}${asSaid}.`, next: readLog, isTransient: false };
  }
}

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
