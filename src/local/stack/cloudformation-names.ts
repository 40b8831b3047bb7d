/** What stands for an account and a deployment when there is none. */
export interface Place {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  /** Our own endpoint, without a slash at the end. */
  readonly publicUrl: string;
}

/** A resource of the stack, as much of it as its names need. */
export interface Resource {
  readonly id: string;
  /** `AWS::S3::Bucket` */
  readonly type: string;
  /** A property that must be a text. @throws when it is none */
  readonly property: (key: string) => string;
}

/** What CloudFormation would give for an attribute of a resource (`Ref` for the resource itself), or undefined for one we do not know. */
export function attributeOf({ id, type, property }: Resource, attribute: string, { account, region }: Place): string | undefined {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  switch (`${type} ${attribute}`) {
    case 'AWS::S3::Bucket Ref':
      return property('BucketName');
    case 'AWS::S3::Bucket Arn':
      return `arn:aws:s3:::${property('BucketName')}`;
    case 'AWS::Events::EventBus Ref':
      return property('Name');
    case 'AWS::Events::EventBus Arn':
      return arn('events', `event-bus/${property('Name')}`);
    case 'AWS::Scheduler::ScheduleGroup Ref':
      return property('Name');
    case 'AWS::Scheduler::ScheduleGroup Arn':
      return arn('scheduler', `schedule-group/${property('Name')}`);
    case 'AWS::SQS::Queue Arn':
      return arn('sqs', property('QueueName'));
    case 'AWS::ECS::Cluster Ref':
      return property('ClusterName');
    case 'AWS::ECS::Cluster Arn':
      return arn('ecs', `cluster/${property('ClusterName')}`);
    case 'AWS::Logs::LogGroup Ref':
      return property('LogGroupName');
    case 'AWS::Logs::LogGroup Arn':
      return arn('logs', `log-group:${property('LogGroupName')}:*`);
    case 'AWS::ECR::Repository Arn':
      return arn('ecr', `repository/${property('RepositoryName')}`);
    // CloudFormation makes up a role's name; a local one is called by its id.
    case 'AWS::IAM::Role Arn':
      return roleArn(account, id);
    case 'AWS::EC2::Subnet Ref':
      return `subnet-${id.toLowerCase()}`;
    case 'AWS::EC2::SecurityGroup GroupId':
      return `sg-${id.toLowerCase()}`;
    default:
      return undefined;
  }
}

/** Of a role as the local world calls it. */
export const roleArn = (account: string, id: string): string => `arn:aws:iam::${account}:role/${id}`;

/** `AWS::Region` and the like, or undefined for a name that is none of them. */
export function pseudoParameter(name: string, { account, region }: Place): string | undefined {
  switch (name) {
    case 'AWS::AccountId':
      return account;
    case 'AWS::Region':
      return region;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    default:
      return undefined;
  }
}
