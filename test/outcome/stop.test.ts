import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainRunTaskFailure, explainStop, type TaskStop } from '../../src/outcome/stop.ts';
import { notStartedRows, stopCodeMeanings, stoppedRows } from '../../src/outcome/stop-catalogue.ts';

const ended = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
const failed = (stoppedReason: string, containerReason?: string) => ({
  stopCode: 'TaskFailedToStart',
  stoppedReason,
  ...(containerReason && { containerReason }),
});
const scheduler = (stoppedReason: string) => ({ stopCode: 'ServiceSchedulerInitiated', stoppedReason });
const oom = 'OutOfMemoryError: Container killed due to memory usage';
const ecr = 'unable to pull secrets or registry auth:';

type Stop = Omit<TaskStop, 'taskArn'>;
const explain = (stop: Stop) => explainStop({ taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/c/1', ...stop });

/** AWS's own texts, as collected from events and bug reports; what we make of them; whether trying again may help. */
const stops: readonly (readonly [Stop, RegExp, boolean])[] = [
  // how a container ended
  [{ ...ended, exitCode: 0 }, /ended by itself, with exit code 0/, false],
  [{ ...ended, exitCode: 1 }, /ended with exit code 1/, false],
  [{ ...ended, exitCode: 137, containerReason: oom }, /ran out of memory/, false],
  [{ ...ended, exitCode: 137, containerReason: 'OutOfMemoryError: container killed due to memory usage' }, /ran out of memory/, false],
  [{ ...ended, exitCode: 137 }, /killed with SIGKILL/, false],
  [{ ...ended, exitCode: 143 }, /asked to end.*SIGTERM/, true],
  [{ ...ended, exitCode: 139 }, /crashed.*a segmentation fault/, false],
  [{ ...ended, exitCode: 134 }, /crashed.*an abort/, false],
  [{ ...ended, exitCode: 127 }, /could not be run: exit code 127/, false],
  [{ ...ended, exitCode: 126 }, /could not be run: exit code 126/, false],
  [{ stoppedReason: 'Essential container in task exited', exitCode: 1 }, /ended with exit code 1/, false],
  // the image
  [
    failed(
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/x/suite:nope: docker.io/x/suite:nope: not found',
    ),
    /not in the registry/,
    false,
  ],
  [
    failed(
      "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'",
    ),
    /another kind of processor/,
    false,
  ],
  [
    failed('CannotPullContainerError: failed to resolve ref: Head "https://x": dial tcp 10.0.0.1:443: i/o timeout'),
    /could not reach/,
    true,
  ],
  [failed('CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: context canceled'), /could not reach/, true],
  [failed('CannotPullContainerError: failed to extract layer: no space left on device'), /too big for the task's disk/, false],
  [
    failed('CannotPullContainerError: failed to unpack image on snapshotter overlayfs: no processor for media-type: unknown'),
    /could not be pulled/,
    false,
  ],
  [
    failed('Task failed to start', 'CannotPullImageManifestError: toomanyrequests: You have reached your pull rate limit'),
    /too often/,
    true,
  ],
  [
    failed('Task failed to start', 'CannotPullImageManifestError: manifest unknown: Requested image not found'),
    /not in the registry/,
    false,
  ],
  [
    failed("CannotPullContainerError: pull access denied for suite, repository does not exist or may require 'docker login'"),
    /did not let/,
    false,
  ],
  // what a task needs
  [
    failed(
      `ResourceInitializationError: ${ecr} The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR.`,
    ),
    /could not log in to the image registry/,
    false,
  ],
  [
    failed(
      `ResourceInitializationError: ${ecr} unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager.`,
    ),
    /secrets from SSM/,
    false,
  ],
  [
    failed('Fetching secret data from AWS Secrets Manager in region eu-central-1: secret x: AccessDeniedException: User is not authorized'),
    /secrets from Secrets Manager/,
    false,
  ],
  [
    failed(`ResourceInitializationError: ${ecr} unable to retrieve secret from asm: service call has been retried`),
    /Secrets Manager/,
    false,
  ],
  [failed('ResourceInitializationError: unable to retrieve secret: something new'), /could not read its secrets\./, false],
  [
    failed(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: The specified log group does not exist.',
    ),
    /log group is missing/,
    false,
  ],
  [failed('ResourceInitializationError: failed to validate logger args: : signal: killed'), /log group is missing/, false],
  [
    failed(
      'ResourceInitializationError: failed to create Cloudwatch log group: AccessDeniedException: not authorized to perform: logs:CreateLogGroup',
    ),
    /create its log group/,
    false,
  ],
  [
    failed('ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: no such file or directory'),
    /EFS/,
    false,
  ],
  [failed('ResourceInitializationError: something that did not exist in 2026'), /could not prepare/, false],
  [failed('Timeout waiting for network interface provisioning to complete.'), /network interface of the task ready/, true],
  [failed('Timeout waiting for EphemeralStorage provisioning to complete.'), /disk ready/, true],
  [failed('Rate limit exceeded while preparing network interface to be attached to instance'), /too many network interfaces/, true],
  [
    failed(
      "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
    ),
    /no free address/,
    false,
  ],
  [failed("Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': AuthFailure"), /refused itself/, true],
  [failed('Unexpected EC2 error while attempting to tag the network interface: TagPolicyViolation'), /tag policy/, false],
  [
    failed('Unexpected EC2 error while attempting to Create Network Interface: SomethingElse'),
    /could not make the network interface/,
    false,
  ],
  [failed('Capacity is unavailable at this time. Please try again later or in a different availability zone'), /no Fargate capacity/, true],
  // the container that did not start
  [failed('ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m'), /did not start in time/, true],
  [
    failed(
      'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: exec: "nod": executable file not found in $PATH: unknown',
    ),
    /its program is not in the image/,
    false,
  ],
  [
    failed(
      'Task failed to start',
      'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: spawn /x ENOENT',
    ),
    /its program is not in the image/,
    false,
  ],
  [failed('Task failed to start', 'CannotCreateContainerError: API error (400): something'), /could not start\./, false],
  [failed('CannotInspectContainerError: Could not transition to inspecting'), /could not start\./, false],
  [failed('ContainerRuntimeError: something'), /could not start\./, false],
  [failed('TaskFailedToStart: RESOURCE:GPU'), /EC2 instances/, false],
  [failed('TaskFailedToStart: EMPTY CAPACITY PROVIDER'), /EC2 instances/, false],
  [failed('Task failed to start'), /failed to start, and ECS does not say why/, false],
  [failed('Taskfailedtostart'), /failed to start, and ECS does not say why/, false],
  [failed('Task failed to start', 'Dependency was not healthy'), /failed to start: Dependency was not healthy\./, false],
  [failed('A reason of next year'), /failed to start: A reason of next year\./, false],
  // taken away
  [{ stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: 137 }, /took back the Spot capacity/, true],
  [{ stopCode: 'TerminationNotice', stoppedReason: 'Your Spot Task was interrupted.' }, /took back the Spot capacity/, true],
  [{ stopCode: 'SpotInterruption' }, /took back the Spot capacity/, true],
  [scheduler('ECS is performing maintenance on the underlying infrastructure hosting the task.'), /retired the machine/, true],
  [
    scheduler('Service suite: ECS is performing maintenance on the underlying infrastructure hosting the task.'),
    /retired the machine/,
    true,
  ],
  [{ stopCode: 'InfrastructureHealth', stoppedReason: 'Words of the local world.' }, /machine the task ran on went away/, true],
  [{ stoppedReason: 'InternalError: Server Error' }, /Something in AWS broke/, true],
  // stopped by somebody
  [{ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', exitCode: 143 }, /Somebody stopped the task/, false],
  [
    { stopCode: 'UserInitiated', stoppedReason: 'Coldframe run r-1 is past its deadline' },
    /was stopped: Coldframe run r-1 is past its deadline\./,
    false,
  ],
  [
    { stopCode: 'UserInitiated', stoppedReason: 'killing it, OutOfMemoryError again!' },
    /was stopped: killing it, OutOfMemoryError again!$/,
    false,
  ],
  [scheduler('Scaling activity initiated by (deployment ecs-svc/8646900195280463695)'), /scheduler of an ECS service/, false],
  [scheduler('Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)'), /scheduler of an ECS service/, false],
  [scheduler('Task failed container health checks'), /scheduler of an ECS service/, false],
  [scheduler('Host EC2 (instance i-1) terminated.'), /scheduler of an ECS service/, false],
  [scheduler('Another reason'), /scheduler of an ECS service/, false],
  // what nobody has seen yet
  [{ stopCode: 'BrandNew', stoppedReason: 'A reason of next year', exitCode: 1 }, /^The task stopped: A reason of next year\.$/, false],
  [{ stopCode: 'BrandNew' }, /^The task stopped: BrandNew\.$/, false],
  [{ stoppedReason: 'One thing', containerReason: 'another' }, /^The task stopped: One thing; another\.$/, false],
  [{}, /^The task stopped, and ECS does not say why\.$/, false],
];

describe('explainStop', () => {
  it.each(stops)('%j', (stop, what, isTransient) => {
    const reason = explain(stop);
    expect(reason.what).toMatch(what);
    expect(reason.isTransient).toBe(isTransient);
  });

  it('says whether Coldframe tries again: only what passes by itself, and what time does not heal it leaves to people', () => {
    const retried = (when: string | undefined) =>
      [...stoppedRows, ...notStartedRows].filter((row) => row.retried === when).map(({ what }) => what);
    expect(new Set(retried('at-once'))).toEqual(
      new Set([
        'AWS did not get the network interface of the task ready in time.',
        "AWS did not get the task's disk ready in time.",
        'The container did not start in time.',
        'AWS took back the Spot capacity the task ran on.',
        'AWS retired the machine the task ran on.',
        'Something in AWS broke while it ran the task.',
      ]),
    );
    expect(new Set(retried('later'))).toEqual(
      new Set([
        'AWS has no Fargate capacity free for this task at the moment.',
        'AWS refused itself the network interface of the task.',
        'AWS was asked for too many network interfaces at once.',
        'AWS was asked for too many tasks at once.',
        'ECS itself is in trouble.',
        'The registry refused the image: it was pulled too often.',
        'Your AWS account runs as many Fargate vCPUs as it may.',
      ]),
    );
    for (const row of [...stoppedRows, ...notStartedRows]) if (row.retried !== undefined) expect(row.isTransient).toBe(true);
  });

  it('is the same in capitals', () => {
    for (const [stop] of stops.filter(([{ stopCode }]) => stopCode === 'TaskFailedToStart')) {
      const loud = { ...stop, stoppedReason: stop.stoppedReason?.toUpperCase(), containerReason: stop.containerReason?.toUpperCase() };
      const { stoppedReason, containerReason, ...rest } = loud;
      const asked = { ...rest, ...(stoppedReason && { stoppedReason }), ...(containerReason && { containerReason }) };
      expect(explain(asked).what.toLowerCase()).toBe(explain(stop).what.toLowerCase());
    }
  });

  it('has an example for each of its rows', () => {
    const told = new Set(stops.map(([stop]) => explain(stop).what));
    const rows = [...stoppedRows, ...Object.values(stopCodeMeanings)].map(({ what }) => what);
    expect(rows.filter((what) => !told.has(what))).toEqual([]);
  });

  it("keeps AWS's own words, says one sentence of each, and never throws", () => {
    const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
    const stop = fc.record({
      stopCode: text,
      stoppedReason: text,
      containerReason: text,
      exitCode: fc.option(fc.integer(), { nil: undefined }),
    });
    const property = fc.property(stop, (given) => {
      const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const reason = explain(present);
      for (const value of Object.values(present)) expect(reason.raw).toContain(String(value));
      expect(reason.what).toMatch(/[.!?…]$/);
      expect(reason.next).toMatch(/[.!?]$/);
    });
    fc.assert(property);
  });
});

const capacity = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';
const role = "ECS was unable to assume the role 'arn:aws:iam::000000000000:role/suite' that was provided for this task.";
const serviceRole = 'Unable to assume the service linked role. Please verify that the ECS service linked role exists.';
const denied = 'User: arn:aws:sts::000000000000:assumed-role/worker is not authorized to perform: ecs:RunTask on resource: x';

/** A failure's reason (and detail), or an error's name and message. */
const refusals: readonly (readonly [string, string | undefined, RegExp, boolean])[] = [
  [capacity, undefined, /no Fargate capacity/, true],
  ["You've reached the limit on the number of vCPUs you can run concurrently", undefined, /as many Fargate vCPUs as it may/, true],
  ['The requested CPU configuration is above your limit', undefined, /more CPU or memory than/, false],
  ['The requested MEMORY configuration is above your limit', undefined, /more CPU or memory than/, false],
  ['MISSING', undefined, /did not find something/, false],
  ['INACTIVE', undefined, /cluster is gone/, false],
  ['InactiveCluster', undefined, /cluster is gone/, false],
  ['RESOURCE:MEMORY', undefined, /no place for the task/, false],
  ['AGENT', undefined, /no place for the task/, false],
  ['ATTRIBUTE', 'unable to place', /no place for the task/, false],
  ['LOCATION', undefined, /no place for the task/, false],
  ['ClusterNotFoundException', 'Cluster not found.', /cluster is gone/, false],
  ['ClientException', 'TaskDefinition not found.', /no task definition for this environment/, false],
  ['ClientException', 'TaskDefinition is inactive', /no task definition for this environment/, false],
  ['ClientException', role, /may not use the roles/, true],
  ['ClientException', 'Tasks provisioning capacity limit exceeded.', /too many tasks at once/, true],
  ['InvalidParameterException', serviceRole, /no role of its own/, true],
  ['InvalidParameterException', 'Container Overrides length must be at most 8192', /longer than ECS takes/, false],
  [
    'InvalidParameterException',
    'Override for container named suite is not a container in the TaskDefinition.',
    /no container named/,
    false,
  ],
  ['InvalidParameterException', 'Security group sg-1 does not appear to belong to the same VPC as the input subnets.', /network/, false],
  ['InvalidParameterException', "Network Configuration must be provided when networkMode 'awsvpc' is specified.", /network/, false],
  ['AccessDeniedException', denied, /not allowed to start this task/, false],
  ['ConflictException', 'The request with this client token was made with other parameters.', /with other parameters/, false],
  ['PlatformUnknownException', 'The specified platform does not exist.', /platform version/, false],
  ['PlatformTaskDefinitionIncompatibilityException', 'x', /platform version/, false],
  ['BlockedException', 'Your account is currently blocked.', /blocked your account/, false],
  ['UnsupportedFeatureException', 'x', /does not offer/, false],
  ['ThrottlingException', 'Rate exceeded', /too many tasks at once/, true],
  ['ServerException', 'Service Unavailable. Please try again later.', /in trouble/, true],
  ['A reason of next year', 'with a detail', /^ECS did not start the task: A reason of next year: with a detail\.$/, false],
  ['', undefined, /^ECS did not start the task: it gave no reason\.$/, false],
];

describe('explainRunTaskFailure', () => {
  it.each(refusals)('%s: %s', (reason, detail, what, isTransient) => {
    const stop = explainRunTaskFailure({ reason, ...(detail && { detail }) });
    expect(stop.what).toMatch(what);
    expect(stop.isTransient).toBe(isTransient);
    expect(stop.raw).toBe(detail === undefined ? reason : `${reason}: ${detail}`);
  });

  it('has an example for each row of its own', () => {
    const told = new Set(refusals.map(([reason, detail]) => explainRunTaskFailure({ reason, ...(detail && { detail }) }).what));
    const own = notStartedRows.filter((row) => !stoppedRows.includes(row)).map(({ what }) => what);
    expect(own.filter((what) => !told.has(what))).toEqual([]);
  });
});
