/** One permission that a call to AWS needs. A call may need several: RunTask needs PassRole too. */
export interface IamCall {
  /** `ecs:RunTask` */
  readonly action: string;
  /** An ARN, or `*` for an action that AWS checks on nothing smaller. */
  readonly resource: string;
  /** The condition keys that AWS fills for it: `ecs:cluster`. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** A call that a role made. */
export interface IamUse extends IamCall {
  /** The role's logical id: `WorkerRole`. */
  readonly role: string;
}

export const iamCall = (action: string, resource: string, context: IamCall['context'] = {}): IamCall => ({ action, resource, context });
