/**
 * What AWS asks for in us-east-1, in US dollars, without the free tier. From its price pages, November 2026; look yours up.
 */
export const prices = {
  /** https://aws.amazon.com/s3/pricing/: S3 Standard, PUT, COPY, POST and LIST; GET and all others. DELETE is free. */
  s3: { write: 0.005 / 1_000, read: 0.0004 / 1_000 },
  /** https://aws.amazon.com/lambda/pricing/: arm64; a GB-second, and a call. */
  lambda: { gbSecond: 0.000_013_333_4, call: 0.2 / 1e6 },
  /** https://aws.amazon.com/eventbridge/pricing/: an event of our own, or one of S3's; those of ECS and of a rule's clock are free. */
  event: 1 / 1e6,
  /** https://aws.amazon.com/sqs/pricing/: a request to a standard queue. */
  sqs: 0.4 / 1e6,
  /** https://aws.amazon.com/api-gateway/pricing/: an HTTP API's request. */
  gateway: 1 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/: a GB of logs taken in, an alarm and a metric of one's own for a month. */
  logs: { gb: 0.5, alarm: 0.1, metric: 0.3 },
  /** https://aws.amazon.com/ecr/pricing/: a GB for a month. */
  ecrGb: 0.1,
  /** https://aws.amazon.com/vpc/pricing/: a public IPv4 address for an hour. */
  addressHour: 0.005,
} as const;
