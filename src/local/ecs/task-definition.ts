import { EcsFault } from './ecs-fault.ts';

/** What a task of the local ECS is made of. One container, as ours have. */
export interface TaskDefinition {
  readonly family: string;
  readonly revision: number;
  /** CPU units: 1024 are one vCPU. Told, not enforced. */
  readonly cpu: number;
  readonly memoryMb: number;
  readonly containerName: string;
  /** Program and arguments. As an image's ENTRYPOINT, a `command` override is appended to it. */
  readonly command: readonly string[];
  /** The folder the command starts in. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly streamPrefix: string;
  /** How long the container has between SIGTERM and SIGKILL, at most 120. */
  readonly stopTimeoutS: number;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  /** What a task gets too if it is asked for with `propagateTags`. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The task definition that `name` means: a family (its latest revision), `family:revision`, or an ARN.
 *
 * @throws {EcsFault} as ECS says it, when there is none
 */
export function findTaskDefinition(definitions: readonly TaskDefinition[], name: string, arnPrefix: string): TaskDefinition {
  const [family, revision] = (name.startsWith(arnPrefix) ? name.slice(arnPrefix.length) : name).split(':');
  const found = definitions
    .filter((definition) => definition.family === family && (revision === undefined || String(definition.revision) === revision))
    .toSorted((a, b) => b.revision - a.revision)[0];
  if (found === undefined) throw new EcsFault('ClientException', 'TaskDefinition not found.');
  return found;
}
