/** One way to make a trouble, and what the promise says will come of it. */
export interface TroubleChoice {
  readonly value: string;
  readonly label: string;
  readonly expect: string;
}

/** A trouble that can be made. */
export interface TroubleOffer {
  readonly kind: TroubleKind;
  readonly title: string;
  /** What the button says. */
  readonly button: string;
  /** The first is what is usually meant. */
  readonly choices: readonly [TroubleChoice, ...TroubleChoice[]];
  /** Done at once, or waiting for its occasion. */
  readonly isAtOnce: boolean;
}

export type TroubleKind =
  | 'kill-task'
  | 'duplicate-event'
  | 'drop-event'
  | 'delay-event'
  | 'throttle-slack'
  | 'slow-slack'
  | 'lose-answer'
  | 'no-capacity'
  | 'expire-token'
  | 'sweep'
  | 'digest';

export const delayMs = 15_000;

/** Every trouble, in the order the panel shows them. What is to be expected is what docs/architecture.md promises. */
export const troubleOffers: readonly TroubleOffer[] = [
  {
    kind: 'kill-task',
    title: 'Kill the running task',
    button: 'Kill it',
    isAtOnce: true,
    choices: [
      {
        value: 'sigkill',
        label: 'outright, as when memory runs out',
        expect:
          'The container says nothing more. ECS tells that the task has stopped, and the message ends as “did not finish”, with what was known until then.',
      },
      {
        value: 'spot',
        label: 'as Fargate Spot takes it back',
        expect:
          'The container is warned, writes what it has, and the message ends as “did not finish”: the Spot capacity was taken back. With `capacity: spot` it runs again on demand.',
      },
    ],
  },
  {
    kind: 'duplicate-event',
    title: 'Deliver an event twice',
    button: 'Duplicate the next',
    isAtOnce: false,
    choices: [
      {
        value: 'request',
        label: 'a request for a run',
        expect: 'Still one run, one message and one task: the same request is always the same run.',
      },
      {
        value: 'stopped',
        label: 'a task’s end',
        expect: 'One end, told once, and at most one reply in the thread: the first word that explains the stop is taken.',
      },
      {
        value: 'progress',
        label: 'progress',
        expect: 'Nothing to be seen: the message is rendered from what is true, not from what an event says.',
      },
    ],
  },
  {
    kind: 'drop-event',
    title: 'Lose an event',
    button: 'Drop the next',
    isAtOnce: false,
    choices: [
      {
        value: 'stopped',
        label: 'one of the two events of a task’s end',
        expect: 'Nothing to be seen: ECS tells an end twice, and one is enough.',
      },
      {
        value: 'stopped twice',
        label: 'both events of a task’s end',
        expect:
          'The message stays at “finishing” until the sweeper comes, at most five minutes. “Sweep now” is the button for the impatient.',
      },
      { value: 'progress', label: 'progress', expect: 'One step of the message is missing; the next says it all.' },
    ],
  },
  {
    kind: 'delay-event',
    title: `Delay an event by ${delayMs / 1000} seconds`,
    button: 'Delay the next',
    isAtOnce: false,
    choices: [
      { value: 'request', label: 'a request for a run', expect: 'The run starts late and runs as usual.' },
      { value: 'stopped', label: 'a task’s end', expect: 'The other event of the same end tells it; the late one changes nothing.' },
      { value: 'progress', label: 'progress', expect: 'An old progress never replaces a newer one, not even after the end.' },
    ],
  },
  {
    kind: 'throttle-slack',
    title: 'Slack is busy',
    button: 'Throttle Slack',
    isAtOnce: false,
    choices: [
      {
        value: '3',
        label: '429 for the next 3 calls',
        expect:
          'Progress that Slack has no time for is dropped; a start or an end is told again by whoever is called again. The last word always arrives.',
      },
      { value: '1', label: '429 for the next call', expect: 'As if nothing had happened: the next one says it all.' },
      {
        value: '10',
        label: '429 for the next 10 calls',
        expect:
          'The message lags behind, and is not even posted while nobody gets through. The sweeper tells it at its first visit that finds Slack free: every five minutes, or “Sweep now”.',
      },
    ],
  },
  {
    kind: 'slow-slack',
    title: 'Slack answers late',
    button: 'Slow down the next answer',
    isAtOnce: false,
    choices: [
      { value: '3000', label: 'by 3 seconds', expect: 'The message changes late; nothing else.' },
      {
        value: '8000',
        label: 'by 8 seconds, longer than the bot waits',
        expect:
          'Slack did it, and the bot cannot know. An update is sent again. A new message stands still for up to five minutes; then the sweeper looks for it by the run’s id, and goes on with it. There is never a second one.',
      },
    ],
  },
  {
    kind: 'lose-answer',
    title: 'Slack’s answer gets lost',
    button: 'Lose the next answer',
    isAtOnce: false,
    choices: [
      { value: 'chat.update', label: 'to an update', expect: 'It is sent again: an update may be sent as often as one likes.' },
      {
        value: 'chat.postMessage',
        label: 'to a new message',
        expect:
          'Nobody knows whether it was posted, so nobody posts it again for five minutes; then the sweeper looks for it by the run’s id, and goes on with it. Until then the message stands still.',
      },
    ],
  },
  {
    kind: 'no-capacity',
    title: 'Fargate is full',
    button: 'Fill the capacity',
    isAtOnce: false,
    choices: [
      {
        value: '1',
        label: 'for the next task',
        expect: 'The message says so, and that it is tried again; the next sweep does, and the run starts at the second attempt.',
      },
      {
        value: '3',
        label: 'for the next three',
        expect:
          'A run of one task is tried twice more, when the sweeper comes, and then ends as “did not start”, with AWS’s reason, how often it was tried, and what to do. Nothing is green.',
      },
    ],
  },
  {
    kind: 'expire-token',
    title: 'The bot’s token expires',
    button: 'Expire the token',
    isAtOnce: false,
    choices: [
      {
        value: 'until restored',
        label: 'until you restore it',
        expect:
          'Runs go on, and Slack hears nothing of them. Restore the token (take the trouble back), sweep, and what has ended is told.',
      },
    ],
  },
  {
    kind: 'sweep',
    title: 'Run the sweeper',
    button: 'Sweep now',
    isAtOnce: true,
    choices: [
      {
        value: 'now',
        label: 'instead of waiting for five minutes',
        expect: 'Whatever events have missed is found in the bucket and at ECS, and told.',
      },
    ],
  },
  {
    kind: 'digest',
    title: 'The weekly digest is due',
    button: 'Send it now',
    isAtOnce: true,
    choices: [
      {
        value: 'now',
        label: 'instead of waiting for its day',
        expect: 'Each channel that coldframe.yml promises a digest of cold starts gets it, in one message.',
      },
    ],
  },
];
