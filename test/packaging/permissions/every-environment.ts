import type { IamUse } from '../../../src/local/iam/iam-call.ts';
import { taskRoleId } from '../../../src/local/stack/task-resources.ts';
import type { Catalogue } from '../../../src/run/catalogue.ts';

/**
 * The flows run on one environment, `local`: what is called for it is called for every environment by its own name. That the
 * roles of all are made alike is what this holds against the template.
 */
export function forEveryEnvironment<Use extends IamUse>(uses: readonly Use[], catalogue: Catalogue): readonly Use[] {
  return [...catalogue.values()].flatMap(({ name, secretsPath }) =>
    uses
      .map((use) => ({ ...use, role: inEnvironment(use.role, name), resource: inEnvironment(use.resource, name) }))
      .map((use) => ({ ...use, resource: use.resource.replace(/(?<=:parameter)\/coldframe\/local\/suite\/.*$/, secretsPath ?? '') }))
      // An environment without secrets asks for none.
      .filter(({ resource }) => !resource.endsWith(':parameter')),
  );
}

const inEnvironment = (text: string, name: string): string =>
  text
    .replace(/\bTaskRoleLocal\b/, taskRoleId(name))
    .replace(/(?<=\/(?:claims|state|messages|reports|history)\/)local(?=\/)/, name)
    .replace(/(?<=\/runs\/)local(?=-)/, name)
    .replace(/(?<=task-definition\/coldframe-local-)local(?=:)/, name);
