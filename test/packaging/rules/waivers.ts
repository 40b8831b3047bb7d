/** A rule that does not hold for some resources, and why it need not. */
export interface RuleWaiver {
  /** As AWS Control Tower calls it: `CT.ECS.PR.2`. */
  readonly rule: string;
  /** The resources' logical ids; `*` stands for any letters. */
  readonly resources: readonly string[];
  readonly because: string;
}

/** The rules that are held against the template: all of AWS Control Tower's that @cdklabs/cdk-validator-cfnguard brings along. */
export const ruleSet = 'control-tower/cfn-guard';

const osls = 'osls keeps the packages of the last five deployments there: no state, no secret, nothing that a commit could not make again.';
const kms = 'A key of one’s own costs a dollar a month, and whoever may read the data may mostly use the key. AWS encrypts with its own.';

/** The only breaches of a rule that are accepted. One that is none, or no longer, is an error too. */
export const waivers: readonly RuleWaiver[] = [
  {
    rule: 'CT.APIGATEWAY.PR.4',
    resources: ['HttpApiStage'],
    because: 'The function behind it logs every request, secrets masked, and counts those that were rejected: the same a second time.',
  },
  {
    rule: 'CT.APIGATEWAY.PR.5',
    resources: ['HttpApiRoutePostSlackEvents', 'HttpApiRoutePostRuns', 'HttpApiRouteGetRunsIdVar', 'HttpApiRouteGetReportsProxyVar'],
    because:
      'Slack and a CI sign the body, and a report’s link is signed itself; an authorizer sees no body. The function checks all three before anything else.',
  },
  {
    rule: 'CT.CLOUDWATCH.PR.1',
    resources: ['*Alarm'],
    because: 'Who hears of an alarm is a parameter (`--param alarmTopic=…`): a stack that insisted on a topic could not be tried out.',
  },
  {
    rule: 'CT.CLOUDWATCH.PR.2',
    resources: ['*LogGroup'],
    because: 'Thirty days, like the reports. What a run came to is kept for good in the bucket, below history/.',
  },
  { rule: 'CT.CLOUDWATCH.PR.3', resources: ['*LogGroup'], because: kms },
  {
    rule: 'CT.ECR.PR.3',
    resources: ['SuiteRepository'],
    because: 'Task definitions name the tag `latest`, which a push moves: a suite changes without a deployment. Promotion is by digest.',
  },
  {
    rule: 'CT.ECS.PR.2',
    resources: ['Cluster'],
    because: 'Container Insights costs more than the tasks it would be about; what a run needed stands in its result.',
  },
  {
    rule: 'CT.LAMBDA.PR.3',
    resources: ['*LambdaFunction'],
    because: 'They call AWS and Slack and nothing in a VPC. In one, they would need a NAT gateway at 33 dollars a month.',
  },
  {
    rule: 'CT.LAMBDA.PR.2',
    resources: ['*LambdaPermission*'],
    because:
      'Each permission names its one rule or API with the account in its ARN (SourceArn), but composed by Fn::Join, which the rule does not read.',
  },
  {
    rule: 'CT.S3.PR.2',
    resources: ['Bucket', 'ServerlessDeploymentBucket'],
    because: 'Only our own roles read it, and CloudTrail has their calls for who turns it on; a log of accesses needs a bucket of its own.',
  },
  {
    rule: 'CT.S3.PR.9',
    resources: ['Bucket', 'ServerlessDeploymentBucket'],
    because: 'A lock forbids what the lifecycle rules do, and nobody could remove the bucket. Claims are written once by its policy.',
  },
  { rule: 'CT.S3.PR.10', resources: ['Bucket', 'ServerlessDeploymentBucket'], because: kms },
  { rule: 'CT.S3.PR.4', resources: ['ServerlessDeploymentBucket'], because: `Nobody waits for anything in it. ${osls}` },
  { rule: 'CT.S3.PR.6', resources: ['ServerlessDeploymentBucket'], because: osls },
  { rule: 'CT.S3.PR.11', resources: ['ServerlessDeploymentBucket'], because: osls },
  {
    rule: 'CT.S3.PR.8',
    resources: ['ServerlessDeploymentBucketPolicy'],
    because: 'osls denies what is not TLS, but writes the condition’s value as a boolean, which AWS takes and the rule does not.',
  },
  {
    rule: 'CT.SQS.PR.1',
    resources: ['RequestDeadLetterQueue', 'UndeliveredQueue'],
    because: 'They are the dead-letter queues; an alarm tells of the first message in either.',
  },
];
