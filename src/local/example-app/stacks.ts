/** A stack of the example app. */
export interface Stack {
  readonly name: string;
  readonly status: string;
  readonly region: string;
  readonly resources: number;
}

/** A section of the Stacks page, and what its endpoint answers. */
export interface Section {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly stacks: readonly Stack[];
}

/** Invented, and the same on every machine: what the example suite is about is the page, not the stacks. */
export const sections: readonly Section[] = [
  {
    key: 'stackery',
    title: 'Stackery Stacks',
    about: 'Managed here',
    stacks: [
      { name: 'orders-api', status: 'Up to date', region: 'eu-central-1', resources: 34 },
      { name: 'checkout-web', status: 'Deploying', region: 'eu-central-1', resources: 21 },
      { name: 'image-resizer', status: 'Up to date', region: 'eu-west-1', resources: 9 },
    ],
  },
  {
    key: 'cloudformation',
    title: 'CloudFormation Stacks',
    about: 'Found in the linked account',
    stacks: [
      { name: 'network-base', status: 'Up to date', region: 'eu-central-1', resources: 48 },
      { name: 'shared-certificates', status: 'Drifted', region: 'us-east-1', resources: 6 },
    ],
  },
];

export const findStack = (name: string): Stack | undefined =>
  sections.flatMap((section) => section.stacks).find((stack) => stack.name === name);
