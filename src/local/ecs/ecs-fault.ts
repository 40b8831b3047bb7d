import { AwsFault } from '../wire/aws-json.ts';

/** A refusal as ECS words it, with what else the SDK reads of it: a ConflictException's `resourceIds`. */
export class EcsFault extends AwsFault {
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(type, message);
    this.extra = extra;
  }
}

/** The commonest of them: what was asked for cannot be. */
export const invalidParameter = (message: string): EcsFault => new EcsFault('InvalidParameterException', message);

/** What an error that nobody foresaw says of itself; on this machine, the reader is a developer. */
export const describeFault = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
