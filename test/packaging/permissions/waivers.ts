/** What a role may do though no flow of test/packaging/permissions/flows.ts makes it do so. */
export interface Waiver {
  readonly role: string;
  readonly action: string;
  readonly because: string;
}

const pulls = 'AWS pulls the image from ECR to start a task; on this machine a task is a process, and there is no image.';
const race = 'Only when somebody cancels while this very function is starting the task: test/app/run-steps.ts plays that race in process.';

/** The only permissions that no call proves. One that a call proves after all is an error too. */
export const waivers: readonly Waiver[] = [
  { role: 'TaskExecutionRole', action: 'ecr:BatchCheckLayerAvailability', because: pulls },
  { role: 'TaskExecutionRole', action: 'ecr:BatchGetImage', because: pulls },
  { role: 'TaskExecutionRole', action: 'ecr:GetDownloadUrlForLayer', because: pulls },
  { role: 'TaskExecutionRole', action: 'ecr:GetAuthorizationToken', because: pulls },
  { role: 'RunStoppedRole', action: 'ecs:StopTask', because: race },
  {
    role: 'ScheduleRole',
    action: 'sqs:SendMessage',
    because: 'Only when EventBridge does not take an event for a quarter of an hour; the local one always does.',
  },
  {
    role: 'WorkerRole',
    action: 'events:PutEvents',
    because: 'A question is handed on when CloudWatch takes longer than twelve seconds over it; the local one never does.',
  },
  {
    role: 'WorkerRole',
    action: 'logs:StopQuery',
    because: 'Only a query that finds more than 400,000 lines is given up: test/app/cold-starts.test.ts has one, in process.',
  },
];

/** The only actions that are allowed on `*`: AWS has no resource for them. Each with what narrows it instead. */
export const unscoped: readonly (Waiver & { readonly narrowedBy: string })[] = [
  {
    role: 'WorkerRole',
    action: 'logs:GetQueryResults',
    because: 'A query has no ARN.',
    narrowedBy: 'What it may give was decided when it was started, on log groups that have one.',
  },
  {
    role: 'WorkerRole',
    action: 'logs:StopQuery',
    because: 'A query has no ARN.',
    narrowedBy: 'Only who knows a query’s id can stop it.',
  },
  {
    role: 'SweepRole',
    action: 'ecs:ListTasks',
    because: 'AWS checks it on one container instance, which Fargate has none of.',
    narrowedBy: 'The condition ecs:cluster.',
  },
  {
    role: 'TaskExecutionRole',
    action: 'ecr:GetAuthorizationToken',
    because: 'A token is for the whole registry.',
    narrowedBy: 'It lets nobody pull anything: that is allowed for our repository alone.',
  },
];
