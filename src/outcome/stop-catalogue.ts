import type { StopReason } from './stop.ts';

/** What a stop means, and what to do then. */
export type StopMeaning = Omit<StopReason, 'raw'>;

/** A text of ECS and its meaning. */
export interface StopRow extends StopMeaning {
  /** Anywhere in the text, in any case: AWS changes what stands around, and services put their name in front. */
  readonly says: RegExp;
}

const wayToAws = 'Check that its subnets have a way out (a public IP, a NAT, or endpoints for ECR, S3, logs and SSM)';
const orAgain = '; if runs have started there before, run it again';

const reclaimed: StopMeaning = {
  what: 'AWS took back the Spot capacity the task ran on.',
  next: 'Run it again; on-demand capacity is not taken back.',
  isTransient: true,
  retried: 'at-once',
};

const byScheduler: StopMeaning = {
  what: 'The scheduler of an ECS service stopped the task.',
  next: "Coldframe's tasks belong to no service: find out who runs this task definition as one.",
  isTransient: false,
};

/** The image never came. The special cases of `CannotPull…Error` stand before the general one. */
const images: readonly StopRow[] = [
  {
    says: /does not contain descriptor matching platform|exec format error/i,
    what: "The image was built for another kind of processor than the task's.",
    next: "Build the image for the task definition's CPU architecture (docker build --platform) and push it again.",
    isTransient: false,
  },
  {
    says: /CannotPull\w*Error.*(?:toomanyrequests|too many requests|rate limit)/is,
    what: 'The registry refused the image: it was pulled too often.',
    next: 'Run it again in a while; an image in ECR has no such limit.',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /CannotPull\w*Error.*(?:access ?denied|denied|unauthorized|no basic auth|not authorized|40[13] forbidden)/is,
    what: 'The registry did not let the task have the image.',
    next: "Check the image's name, and that the task's execution role may pull it (ecr:BatchGetImage, ecr:GetDownloadUrlForLayer).",
    isTransient: false,
  },
  {
    says: /CannotPull\w*Error.*(?:not found|manifest unknown|does not exist|notfound)/is,
    what: "The task's image is not in the registry.",
    next: 'Push the image, or deploy a task definition with a tag that exists.',
    isTransient: false,
  },
  {
    says: /CannotPull\w*Error.*no space left/is,
    what: "The image is too big for the task's disk.",
    next: 'Make the image smaller, or give the task definition more ephemeral storage.',
    isTransient: false,
  },
  {
    says: /CannotPull\w*Error.*(?:i\/o timeout|dial tcp|context (?:canceled|deadline)|timed? ?out|timeout|\bEOF\b|connection re(?:set|fused)|invalid argument)/is,
    what: 'The task could not reach the image registry.',
    next: `${wayToAws}${orAgain}.`,
    isTransient: true,
  },
  {
    says: /CannotPull\w*Error/i,
    what: "The task's image could not be pulled.",
    next: "Check the image's name and tag, the execution role, and the subnets' way to the registry.",
    isTransient: false,
  },
];

// A text about secrets often says "secrets or registry auth" first: what it names later is what failed.
/** What a task needs before its container can start. */
const resources: readonly StopRow[] = [
  {
    says: /secrets? from ssm|Systems Manager|SSM Parameter Store/i,
    what: 'The task could not read its secrets from SSM.',
    next: `${wayToAws}, that the parameters exist, and that its execution role may ssm:GetParameters.`,
    isTransient: false,
  },
  {
    says: /AWS Secrets Manager|secretsmanager|from asm\b/i,
    what: 'The task could not read its secrets from Secrets Manager.',
    next: `${wayToAws}, that the secrets exist, and that its execution role may secretsmanager:GetSecretValue.`,
    isTransient: false,
  },
  {
    says: /registry auth/i,
    what: 'The task could not log in to the image registry.',
    next: `${wayToAws}, and that its execution role may ecr:GetAuthorizationToken.`,
    isTransient: false,
  },
  {
    says: /ResourceInitializationError.*secret/is,
    what: 'The task could not read its secrets.',
    next: `${wayToAws}, that the secrets exist, and that its execution role may read them.`,
    isTransient: false,
  },
  {
    says: /failed to create CloudWatch log group/i,
    what: 'The task was not allowed to create its log group.',
    next: 'Deploy again, which creates the group, or take awslogs-create-group out of the task definition.',
    isTransient: false,
  },
  {
    says: /failed to validate logger args|log group does not exist|create stream has been retried/i,
    what: 'The task could not write to its log: the log group is missing or out of reach.',
    next: `Deploy again so that the log group exists. ${wayToAws}.`,
    isTransient: false,
  },
  {
    says: /EFS utils/i,
    what: 'The task could not mount its EFS volume.',
    next: 'Check the volume in the task definition: the file system, its mount targets, and the security group between them.',
    isTransient: false,
  },
  {
    says: /Timeout waiting for network interface provisioning/i,
    what: 'AWS did not get the network interface of the task ready in time.',
    next: 'Run it again: this passes.',
    isTransient: true,
    retried: 'at-once',
  },
  {
    says: /Timeout waiting for EphemeralStorage provisioning/i,
    what: "AWS did not get the task's disk ready in time.",
    next: 'Run it again: this passes.',
    isTransient: true,
    retried: 'at-once',
  },
  {
    says: /Rate limit exceeded while preparing network interface/i,
    what: 'AWS was asked for too many network interfaces at once.',
    next: 'Run it again in a minute; fewer tasks at once (tasksAtOnce in coldframe.yml) make it rarer.',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /InsufficientFreeAddressesInSubnet/i,
    what: "The task's subnet has no free address left.",
    next: 'Give Coldframe another or a bigger subnet, or free addresses in this one.',
    isTransient: false,
  },
  {
    says: /TagPolicyViolation/i,
    what: "A tag policy of your organisation forbids the task's network interface.",
    next: 'Ask whoever keeps the tag policy to let ECS tag its network interfaces.',
    isTransient: false,
  },
  {
    says: /Unexpected EC2 error.*AuthFailure/is,
    what: 'AWS refused itself the network interface of the task.',
    next: 'Run it again: this passes. If it stays, look at the ECS service-linked role.',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /Unexpected EC2 error/i,
    what: 'AWS could not make the network interface of the task.',
    next: "Read AWS's words: they name what EC2 said; check the subnet and the security group.",
    isTransient: false,
  },
  {
    says: /Capacity is unavailable at this time/i,
    what: 'AWS has no Fargate capacity free for this task at the moment.',
    next: 'Run it again in a few minutes; subnets in more availability zones make it rarer.',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /ResourceInitializationError: (?!failed to create new container runtime task)/i,
    what: 'AWS could not prepare what the task needs.',
    next: `Read AWS's words: they name what was missing. ${wayToAws}.`,
    isTransient: false,
  },
];

/** The container that did not come up, or was taken away. */
const containers: readonly StopRow[] = [
  {
    says: /OutOfMemory/i,
    what: 'The container was killed because it ran out of memory.',
    next: 'Give the task more memory (memoryMb in coldframe.yml), or let it use fewer browsers at once.',
    isTransient: false,
  },
  {
    says: /ContainerRuntimeTimeoutError|Could not transition to running/i,
    what: 'The container did not start in time.',
    next: 'Run it again: this passes.',
    isTransient: true,
    retried: 'at-once',
  },
  {
    says: /executable file not found|no such file or directory|\bENOENT\b/i,
    what: 'The container could not start: its program is not in the image.',
    next: "Check the image's ENTRYPOINT and the task definition's command.",
    isTransient: false,
  },
  {
    says: /Cannot(?:Start|Create|Inspect)ContainerError|ContainerRuntimeError|failed to create new container runtime task/i,
    what: 'The container could not start.',
    next: "Read AWS's words: they name what the container runtime said; most often it is the image's ENTRYPOINT.",
    isTransient: false,
  },
  { says: /Spot Task was interrupted/i, ...reclaimed },
  {
    says: /ECS is performing maintenance/i,
    what: 'AWS retired the machine the task ran on.',
    next: 'Run it again.',
    isTransient: true,
    retried: 'at-once',
  },
  { says: /Scaling activity initiated|failed ELB health checks|failed container health checks|Host EC2/i, ...byScheduler },
  {
    says: /TaskFailedToStart: (?:AGENT|ATTRIBUTE|EMPTY CAPACITY PROVIDER|RESOURCE|LOCATION)/i,
    what: 'ECS found no machine for the task among its EC2 instances.',
    next: 'Coldframe runs on Fargate: find out who started this task with the launch type EC2.',
    isTransient: false,
  },
  {
    says: /InternalError/i,
    what: 'Something in AWS broke while it ran the task.',
    next: 'Run it again.',
    isTransient: true,
    retried: 'at-once',
  },
];

/** Texts of a task that has stopped; the first that fits is the one. */
export const stoppedRows: readonly StopRow[] = [...images, ...resources, ...containers];

/** What a stop code means when the text says nothing more. */
export const stopCodeMeanings: Readonly<Record<string, StopMeaning>> = {
  SpotInterruption: reclaimed,
  TerminationNotice: reclaimed,
  InfrastructureHealth: { what: 'The machine the task ran on went away.', next: 'Run it again.', isTransient: true, retried: 'at-once' },
  ServiceSchedulerInitiated: byScheduler,
};

/** Why RunTask gave no task: its failures' reasons, and its errors' names and messages. */
export const notStartedRows: readonly StopRow[] = [
  ...resources,
  {
    says: /limit on the number of vCPUs/i,
    what: 'Your AWS account runs as many Fargate vCPUs as it may.',
    next: 'Run it again when other tasks have ended, or ask AWS for a higher Fargate vCPU quota (Service Quotas).',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /configuration is above your limit/i,
    what: 'The task wants more CPU or memory than your AWS account may use.',
    next: 'Ask AWS for a higher quota (Service Quotas), or lower vcpu and memoryMb in coldframe.yml.',
    isTransient: false,
  },
  {
    says: /provisioning capacity limit exceeded|Throttl|TooManyRequests|RequestLimitExceeded|Rate exceeded/i,
    what: 'AWS was asked for too many tasks at once.',
    next: 'Run it again in a minute.',
    isTransient: true,
    retried: 'later',
  },
  {
    says: /unable to assume the service.linked role/i,
    what: 'ECS has no role of its own in this AWS account yet.',
    next: 'Run it again in a minute; if it stays: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com',
    isTransient: true,
  },
  {
    says: /unable to assume the role/i,
    what: 'ECS may not use the roles of the task.',
    next: 'Right after a deployment, run it again in a minute; otherwise check that the roles trust ecs-tasks.amazonaws.com.',
    isTransient: true,
  },
  {
    says: /AccessDenied|not authorized to perform/i,
    what: 'Coldframe is not allowed to start this task.',
    next: "Deploy again; the worker's role needs ecs:RunTask on the task definition and iam:PassRole on its two roles.",
    isTransient: false,
  },
  {
    says: /TaskDefinition (?:not found|is inactive)|Unable to describe task definition/i,
    what: 'There is no task definition for this environment.',
    next: 'Deploy again: the environment is in coldframe.yml, but not yet in AWS.',
    isTransient: false,
  },
  {
    says: /ClusterNotFound|Cluster not found|InactiveCluster|^INACTIVE\b/i,
    what: "Coldframe's ECS cluster is gone.",
    next: 'Deploy again.',
    isTransient: false,
  },
  {
    says: /ConflictException/i,
    what: 'ECS has started another task for this run before, with other parameters.',
    next: 'Ask for the run again: a new request starts anew.',
    isTransient: false,
  },
  {
    says: /is not a container in the TaskDefinition/i,
    what: 'The task definition has no container named as Coldframe expects.',
    next: 'Deploy again: somebody seems to have changed the task definition by hand.',
    isTransient: false,
  },
  {
    says: /Overrides length must be at most/i,
    what: 'What Coldframe tells the task is longer than ECS takes.',
    next: 'Shorten the name of the environment; this is worth an issue at Coldframe.',
    isTransient: false,
  },
  {
    says: /subnet|security ?group|Network Configuration/i,
    what: 'ECS did not accept the network Coldframe wants its tasks in.',
    next: 'Check the subnets and security groups of the deployment: they must exist, in one VPC.',
    isTransient: false,
  },
  {
    says: /PlatformUnknown|PlatformTaskDefinitionIncompatib|platform version/i,
    what: 'The Fargate platform version does not fit the task definition.',
    next: 'Deploy again; Coldframe wants the platform version LATEST.',
    isTransient: false,
  },
  {
    says: /BlockedException|account (?:was|is currently) blocked/i,
    what: 'AWS has blocked your account.',
    next: 'Contact AWS Support.',
    isTransient: false,
  },
  {
    says: /UnsupportedFeature/i,
    what: 'Fargate does not offer what the task needs in this region.',
    next: "Read AWS's words; another region or another size may do.",
    isTransient: false,
  },
  {
    says: /^(?:RESOURCE:|AGENT\b|ATTRIBUTE\b|LOCATION\b|EMPTY CAPACITY PROVIDER\b)/i,
    what: 'ECS found no place for the task.',
    next: 'Coldframe runs on Fargate: check that the cluster has the capacity provider FARGATE, and deploy again.',
    isTransient: false,
  },
  {
    says: /^MISSING\b/i,
    what: 'ECS did not find something that the task needs.',
    next: 'Deploy again; if it stays, look at the cluster and the task definition in the ECS console.',
    isTransient: false,
  },
  {
    says: /ServerException|InternalError|service unavailable/i,
    what: 'ECS itself is in trouble.',
    next: 'Run it again in a few minutes.',
    isTransient: true,
    retried: 'later',
  },
];
