import { cut } from './error-text.ts';
import { type Fields, fields, list, number, text } from './fields.ts';
import { type Lineage, scenarioId } from './scenario-id.ts';

/** At most this many characters of a name are kept: ten thousand failures have ten thousand of them. */
const longestName = 500;

/** Which scenario, in words that tell it from all others of its feature. */
export interface ScenarioName {
  /** Its id across runs (scenario-id.ts); absent when the messages do not name it. */
  readonly id?: string;
  /** The feature's name. */
  readonly feature: string;
  /** The feature file, relative to the suite. */
  readonly uri: string;
  /** The scenario's (or the example row's) line in `uri`; 0 when the messages don't say. */
  readonly line: number;
  /** The rule it stands under. */
  readonly rule?: string;
  /** The scenario's name; an outline's rows are told apart by their values. */
  readonly scenario: string;
}

/** A scenario as it will be run: an outline's row is one of its own. */
export interface Pickle {
  readonly name: ScenarioName & { readonly id: string };
  /** Its own and those of what it stands in, with the at sign. */
  readonly tags: readonly string[];
  /** Steps as written, keyword included, by the pickle step's id. Read when somebody asks: of most scenarios nobody does. */
  readonly steps: () => ReadonlyMap<string, string>;
}

/** A scenario or an example row of a feature file: what a pickle refers to. */
interface Node {
  readonly line: number;
  readonly name?: string;
  readonly rule?: string;
  readonly cells?: readonly { readonly header: string; readonly value: string }[];
}

/** What the feature files say, as far as names and lines need it. */
export interface Gherkin {
  /** The feature's name, and the one text of its file's that all of its scenarios share, by file. */
  readonly features: Map<string, { readonly name: string; readonly uri: string }>;
  readonly keywords: Map<string, string>;
  readonly nodes: Map<string, Node>;
  /** How many scenarios of a file have had the same lineage so far. */
  readonly ordinals: Map<string, number>;
}

export const emptyGherkin = (): Gherkin => ({ features: new Map(), keywords: new Map(), nodes: new Map(), ordinals: new Map() });

const lineOf = (value: Fields): number => number(fields(value.location).line) ?? 0;
const cellsOf = (row: unknown): readonly string[] => list(fields(row).cells).map((cell) => text(fields(cell).value) ?? '');

const addSteps = (gherkin: Gherkin, steps: unknown): void => {
  for (const step of list(steps)) {
    const { id, keyword } = fields(step);
    const stepId = text(id);
    if (stepId !== undefined) gherkin.keywords.set(stepId, text(keyword) ?? '');
  }
};

const addScenario = (gherkin: Gherkin, scenario: Fields, rule: string | undefined): void => {
  const id = text(scenario.id);
  const under = rule === undefined ? {} : { rule };
  if (id !== undefined) gherkin.nodes.set(id, { line: lineOf(scenario), name: text(scenario.name) ?? '', ...under });
  addSteps(gherkin, scenario.steps);
  for (const examples of list(scenario.examples)) {
    const { tableHeader, tableBody } = fields(examples);
    const headers = cellsOf(tableHeader);
    for (const row of list(tableBody)) {
      const rowId = text(fields(row).id);
      const cells = cellsOf(row).map((value, column) => ({ header: headers[column] ?? '', value }));
      if (rowId !== undefined) gherkin.nodes.set(rowId, { line: lineOf(fields(row)), cells });
    }
  }
};

const addChildren = (gherkin: Gherkin, children: unknown, rule?: string): void => {
  for (const child of list(children)) {
    const { rule: innerRule, background, scenario } = fields(child);
    if (background !== undefined) addSteps(gherkin, fields(background).steps);
    if (scenario !== undefined) addScenario(gherkin, fields(scenario), rule);
    if (innerRule !== undefined) addChildren(gherkin, fields(innerRule).children, text(fields(innerRule).name) ?? '');
  }
};

/** Remembers what a `gherkinDocument` message says. */
export const addGherkinDocument = (gherkin: Gherkin, document: Fields): void => {
  const feature = fields(document.feature);
  const name = text(feature.name);
  const uri = text(document.uri);
  if (uri !== undefined && name !== undefined) gherkin.features.set(uri, { name, uri: cut(uri, longestName) });
  addChildren(gherkin, feature.children);
};

/** The row's values that the name doesn't already show: ` (user: anna, days: 3)`. */
const valuesOf = (row: Node | undefined, outlineName: string): string => {
  const cells = (row?.cells ?? []).filter(({ header }) => !outlineName.includes(`<${header}>`));
  return cells.length === 0 ? '' : ` (${cut(cells.map(({ header, value }) => `${header}: ${cut(value, 40)}`).join(', '), 160)})`;
};

const stepsOf = (gherkin: Gherkin, steps: readonly unknown[]): ReadonlyMap<string, string> => {
  const named = new Map<string, string>();
  for (const step of steps) {
    const { id, text: words, astNodeIds } = fields(step);
    const stepId = text(id);
    if (stepId === undefined) continue;
    const keyword = gherkin.keywords.get(text(list(astNodeIds)[0]) ?? '') ?? '';
    named.set(stepId, cut(`${keyword}${text(words) ?? ''}`, longestName));
  }
  return named;
};

const noTags: readonly string[] = [];

const tagsOf = (tags: unknown): readonly string[] => {
  const names = list(tags).flatMap((tag) => text(fields(tag).name) ?? []);
  return names.length === 0 ? noTags : names;
};

/** Counts them in the order of the file: pickles come in it. */
const nextId = (gherkin: Gherkin, uri: string, lineage: Lineage): string => {
  const first = scenarioId(lineage, 1);
  const ordinal = (gherkin.ordinals.get(`${uri}\n${first}`) ?? 0) + 1;
  gherkin.ordinals.set(`${uri}\n${first}`, ordinal);
  return ordinal === 1 ? first : scenarioId(lineage, ordinal);
};

/**
 * Reads a `pickle` message, with what the feature file said before. Each once, and all of a file: its ids hang on that.
 *
 * @param steps the message's, for whoever asks for them
 */
export const readPickle = (gherkin: Gherkin, pickle: Fields, steps = () => list(pickle.steps)): Pickle => {
  const uri = text(pickle.uri) ?? '';
  const [scenarioId = '', rowId = ''] = list(pickle.astNodeIds).map((id) => text(id) ?? '');
  const scenario = gherkin.nodes.get(scenarioId);
  const row = gherkin.nodes.get(rowId);
  // Each row becomes exactly one pickle, so its values need not be kept any longer.
  gherkin.nodes.delete(rowId);
  const scenarioName = text(pickle.name) ?? '(a scenario without a name)';
  const known = gherkin.features.get(uri);
  return {
    name: {
      id: nextId(gherkin, uri, {
        feature: known?.name ?? '',
        ...(scenario?.rule !== undefined && { rule: scenario.rule }),
        scenario: scenario?.name ?? scenarioName,
        ...(row?.cells !== undefined && { row: row.cells.map(({ value }) => value) }),
      }),
      feature: cut(known?.name ?? uri, longestName),
      uri: known?.uri ?? cut(uri, longestName),
      // Only schemas since 31 have the line in the pickle itself.
      line: number(fields(pickle.location).line) ?? row?.line ?? scenario?.line ?? 0,
      ...(scenario?.rule === undefined ? {} : { rule: cut(scenario.rule, longestName) }),
      scenario: `${cut(scenarioName, longestName)}${valuesOf(row, scenario?.name ?? '')}`,
    },
    tags: tagsOf(pickle.tags),
    steps: () => stepsOf(gherkin, steps()),
  };
};
