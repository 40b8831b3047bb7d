import type { ColdStartsCommand } from '../coldstart/command.ts';

/** What the message is about. */
export interface ColdStartsView {
  readonly command: ColdStartsCommand;
  /** What stands after `/coldstarts`, for the buttons. */
  readonly askedBy: string;
  readonly functions: number;
  readonly bytesScanned: number;
  /** CloudWatch counts the warm calls: there are too many to look at each. */
  readonly isHot?: boolean;
}
