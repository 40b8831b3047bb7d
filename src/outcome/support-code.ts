import { type Fields, fields, number, text } from './fields.ts';

/** What the messages say of the suite's own code: enough to name a hook and to explain why a step was not run. */
export interface SupportCode {
  /** `hook Before @admin`, by id. */
  readonly hooks: Map<string, string>;
  /** `an? step # features/steps.js:3`, by id. */
  readonly stepDefinitions: Map<string, string>;
  readonly undefinedTypes: { readonly name: string; readonly expression: string }[];
}

export const emptySupportCode = (): SupportCode => ({ hooks: new Map(), stepDefinitions: new Map(), undefinedTypes: [] });

const hookNames = new Map([
  ['BEFORE_TEST_RUN', 'BeforeAll'],
  ['AFTER_TEST_RUN', 'AfterAll'],
  ['BEFORE_TEST_CASE', 'Before'],
  ['AFTER_TEST_CASE', 'After'],
  ['BEFORE_TEST_STEP', 'BeforeStep'],
  ['AFTER_TEST_STEP', 'AfterStep'],
]);

/** `com.example.Steps.logIn`, as Java and .NET name their code. */
const methodOf = ({ javaMethod, javaStackTraceElement }: Fields): string | undefined => {
  const { className, methodName } = fields(javaMethod ?? javaStackTraceElement);
  const names = [text(className), text(methodName)].filter((name) => name !== undefined);
  return names.length === 0 ? undefined : names.join('.');
};

const placeOf = (sourceReference: unknown): string | undefined => {
  const reference = fields(sourceReference);
  const { uri, location } = reference;
  const file = text(uri) ?? methodOf(reference);
  const line = number(fields(location).line);
  return file === undefined || line === undefined ? file : `${file}:${line}`;
};

export const addHook = (code: SupportCode, hook: Fields): void => {
  const id = text(hook.id);
  if (id === undefined) return;
  const place = placeOf(hook.sourceReference);
  const name = text(hook.name);
  const words = [hookNames.get(text(hook.type) ?? ''), name === undefined ? undefined : `"${name}"`, text(hook.tagExpression)];
  // A hook with a name or tags is easily found; any other needs its place.
  const label = [...words, name === undefined && text(hook.tagExpression) === undefined && place !== undefined ? `(${place})` : undefined];
  code.hooks.set(id, ['hook', ...label].filter((word) => word !== undefined).join(' '));
};

export const addStepDefinition = (code: SupportCode, definition: Fields): void => {
  const id = text(definition.id);
  const place = placeOf(definition.sourceReference);
  const source = text(fields(definition.pattern).source) ?? '(a step definition)';
  if (id !== undefined) code.stepDefinitions.set(id, place === undefined ? source : `${source} # ${place}`);
};

export const addUndefinedType = (code: SupportCode, type: Fields): void => {
  const name = text(type.name) ?? '?';
  code.undefinedTypes.push({ name, expression: text(type.expression) ?? `{${name}}` });
};

/** `hook Before @admin`. */
export const hookLabel = (code: SupportCode, hookId: string | undefined): string => code.hooks.get(hookId ?? '') ?? 'hook';

/** What of a cucumber expression is not plain words: parameters, optional text, alternatives. */
const variablePattern = /\{[^}]*\}|\([^)]*\)|\S*\/\S*/;

/** Whether the expression could be meant for the step: its plain words stand in it, in order. */
const couldMatch = (expression: string, step: string): boolean => {
  let from = 0;
  for (const words of expression.split(variablePattern)) {
    const at = step.indexOf(words.trim(), from);
    if (at < 0) return false;
    from = at + words.trim().length;
  }
  return true;
};

const explainUndefined = (code: SupportCode, step: string): string => {
  const type = code.undefinedTypes.find(({ expression }) => couldMatch(expression, step));
  if (type === undefined) return 'There is no step definition for this step.';
  return `There is no step definition for this step: "${type.expression}" was left out, because the parameter type {${type.name}} is not defined.`;
};

const explainAmbiguous = (code: SupportCode, definitionIds: readonly unknown[]): string => {
  const definitions = definitionIds.map((id) => code.stepDefinitions.get(text(id) ?? '')).filter((definition) => definition !== undefined);
  return ['More than one step definition matches this step:', ...definitions.map((definition) => `  ${definition}`)].join('\n');
};

/** A step that was not passed. */
export interface FailedStep {
  /** As written, keyword included. */
  readonly step: string;
  /** The step definitions that match it. */
  readonly definitionIds: readonly unknown[];
}

/** Why a step was not passed, in words, when its result itself doesn't say. */
export const explainStep = (code: SupportCode, status: string, { step, definitionIds }: FailedStep): string => {
  switch (status) {
    case 'UNDEFINED':
      return explainUndefined(code, step);
    case 'AMBIGUOUS':
      return explainAmbiguous(code, definitionIds);
    case 'PENDING':
      return 'The step says that it is pending: it is not written yet.';
    default:
      return 'It failed without saying why.';
  }
};
