import type { KnownBlock } from '@slack/types';

/** What we say in Slack. `text` is what notifications and screen readers say; `blocks` is what people see. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}
