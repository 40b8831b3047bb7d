import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import type { Environment } from '../run/catalogue.ts';
import { isFeature } from '../run/command.ts';
import type { Dealable } from '../run/deal.ts';
import { chooseShards, forecastMs, type Work } from '../run/forecast.ts';
import { blockId, type Faults, type Field, type Filled, maxFeaturesChosen, which } from '../run/form.ts';
import type { KnownSuite } from '../run/known-suite.ts';
import { mostShardsOf, workersOf } from '../run/plan.ts';
import { featuresOf, selectionOf, tagsOf } from '../run/selection.ts';
import { context } from './blocks.ts';
import { plain, title, views } from './form-loading.ts';
import { code, cut, duration, oneLine, plural, unmarked } from './text.ts';

/** Slack's limits for a menu: options, and characters of an option's text and value. */
const mostOptions = 100;
const longestOption = 75;
/** So many places where somebody may not run are explained. */
const mostClosed = 5;

/** Everything that the form is made of. */
export interface RunForm {
  /** Those that this person may run on, by name. */
  readonly environments: readonly string[];
  readonly environment: Environment;
  readonly filled: Filled;
  readonly suite: KnownSuite;
  /** Why they may not run on the others, with who may. */
  readonly closed: readonly string[];
  /** Comes back with the form: where it was opened. */
  readonly metadata: string;
}

/** What to run, filled in as the person chose it last; its environment's tags, features and times are those of its last runs. */
export function runFormView(form: RunForm): ModalView {
  const { environment, suite, filled, metadata } = form;
  const { choice } = filled;
  const meant = selectionOf(suite.scenarios, { tags: choice.tags === '' ? environment.tags : choice.tags, features: choice.features });
  return {
    type: 'modal',
    callback_id: views.runForm,
    private_metadata: metadata,
    title,
    submit: plain('Run'),
    close: plain('Cancel'),
    blocks: [
      ...environmentPart(form),
      ...whichPart(form),
      ...featuresPart(form),
      ...refPart(form),
      ...shardsPart(form, meant),
      retryPart(form),
      ...forecastPart(form, meant),
      ...form.closed.slice(0, mostClosed).map(context),
    ],
  };
}

type Control = InputBlock['element'];
type Held = Pick<RunForm, 'environment'>;

function input({ environment }: Held, field: Field, label: string, element: Control, more: Partial<InputBlock> = {}): InputBlock {
  return { type: 'input', block_id: blockId(field, environment.name), label: plain(label), element, ...more };
}

const option = (value: string, text: string): PlainTextOption => ({ text: plain(cut(oneLine(text), longestOption)), value });

/** A menu of these, in which the one with `value` is chosen. */
function menu(field: Field, options: readonly PlainTextOption[], value: string): Control {
  const initial = options.find((one) => one.value === value);
  return { type: 'static_select', action_id: field, options: [...options], ...(initial && { initial_option: initial }) };
}

function environmentPart(form: RunForm): readonly KnownBlock[] {
  const { environment, environments } = form;
  const shown = environments.slice(0, mostOptions);
  const options = [...new Set([environment.name, ...shown])].slice(0, mostOptions).map((name) => option(name, name));
  const { confirm, approval = 1 } = environment;
  const asks = [
    confirm && 'asks once more',
    approval > 1 && `starts when ${plural(approval - 1, 'other person', 'other people')} approved it`,
  ];
  const said = asks.filter((part) => part !== false).join(', and ');
  return [
    input(form, 'environment', 'Environment', menu('environment', options, environment.name), {
      dispatch_action: true,
      ...(said !== '' && { hint: plain(`${environment.name} ${said}.`) }),
    }),
  ];
}

function whichPart(form: RunForm): readonly KnownBlock[] {
  const { environment, suite, filled } = form;
  const { tags } = filled.choice;
  const usual = option(which.usual, environment.tags === '' ? 'All of them' : `As usual: ${environment.tags}`);
  // What an expression would take for something else than one tag is to be written as one.
  const isOne = (tag: string) => /^@[^\s()\\\p{Cc}]+$/u.test(tag) && which.tag.length + tag.length <= longestOption;
  const offered = tagsOf(suite.scenarios)
    .filter(([tag]) => isOne(tag))
    .slice(0, mostOptions - 2);
  const isOwn = filled.isOwn || (tags !== '' && !offered.some(([tag]) => tag === tags));
  const options = [
    usual,
    ...offered.map(([tag, scenarios]) => option(`${which.tag}${tag}`, `${tag} · ${plural(scenarios, 'scenario')}`)),
    option(which.own, 'A tag expression of my own'),
  ];
  const value = isOwn ? which.own : tags === '' ? which.usual : `${which.tag}${tags}`;
  const expression = input(
    form,
    'expression',
    'Tag expression',
    {
      type: 'plain_text_input',
      action_id: 'expression',
      placeholder: plain('@smoke and not @slow'),
      max_length: 1_000,
      dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      ...(tags !== '' && { initial_value: cut(tags, 1_000) }),
    },
    { dispatch_action: true, optional: true, hint: plain('Return counts what it means.') },
  );
  return [input(form, 'which', 'Scenarios', menu('which', options, value), { dispatch_action: true }), ...(isOwn ? [expression] : [])];
}

/** What fits into a menu, and what the command takes: there a comma stands between two. */
const isOffered = (feature: string): boolean => feature.length <= longestOption && isFeature(feature) && !/,|^\s|\s$/.test(feature);

function featuresPart(form: RunForm): readonly KnownBlock[] {
  const { suite, filled } = form;
  const all = featuresOf(suite.scenarios);
  const options = all.filter(isOffered).slice(0, mostOptions);
  if (options.length === 0) return [];
  const initial = options.filter((feature) => filled.choice.features.includes(feature)).map((feature) => option(feature, feature));
  const left = all.length - options.length;
  const element: Control = {
    type: 'multi_static_select',
    action_id: 'features',
    placeholder: plain('All features'),
    options: options.map((feature) => option(feature, feature)),
    max_selected_items: maxFeaturesChosen,
    ...(initial.length > 0 && { initial_options: initial }),
  };
  return [
    input(form, 'features', 'Only these features', element, {
      optional: true,
      dispatch_action: true,
      ...(left > 0 && { hint: plain(`${plural(left, 'feature')} more: type /run-tests ${form.environment.name} feature=…`) }),
    }),
  ];
}

function refPart(form: RunForm): readonly KnownBlock[] {
  const { refs, suite } = form.environment;
  if (refs.length === 0 || suite === undefined) return [];
  const { ref } = form.filled.choice;
  const element: Control = {
    type: 'plain_text_input',
    action_id: 'ref',
    placeholder: plain('The suite in the image'),
    max_length: 200,
    ...(ref !== undefined && { initial_value: cut(ref, 200) }),
  };
  return [input(form, 'ref', 'Git ref of the suite', element, { optional: true, hint: plain(cut(`One of ${refs.join(', ')}`, 150)) })];
}

/** As many shards as somebody might choose: all of a few, and of many the round ones. */
const roundShards = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40];

function shardsPart(form: RunForm, meant: Meant): readonly KnownBlock[] {
  const { environment, filled } = form;
  const most = mostShardsOf(environment);
  if (most === 1) return [];
  const { shards } = environment;
  const usual = shards === 'auto' ? [] : [Math.min(shards, most)];
  const counts = [...new Set([...roundShards.filter((count) => count <= most), ...usual, most])].toSorted((a, b) => a - b);
  const worthwhile = chooseShards(workOf(form, meant), most).shards;
  const options = [
    option('auto', `As many as are worth it: ${plural(worthwhile, 'task')}${timeOf(form, meant, worthwhile)}`),
    ...counts.map((count) => option(String(count), `${plural(count, 'task')}${timeOf(form, meant, count)}`)),
  ];
  const chosen = options.find((one) => one.value === filled.choice.shards)?.value;
  const value = chosen ?? String(usual[0] ?? 'auto');
  return [input(form, 'shards', 'Shared among', menu('shards', options, value))];
}

function retryPart(form: RunForm): KnownBlock {
  const { environment, filled } = form;
  const texts = ['Never', 'Once', 'Twice', '3 times', '4 times', '5 times'];
  const options = texts.map((text, count) => option(String(count), text));
  return input(form, 'retry', 'Try what failed again', menu('retry', options, filled.choice.retry ?? String(environment.retry)));
}

type Meant = readonly Dealable[] | undefined;

const workOf = ({ environment, suite }: RunForm, scenarios: Meant = []): Work => ({
  ...suite,
  scenarios,
  together: environment.together ?? [],
  workers: workersOf(environment) ?? 1,
});

/** ` · about 4 min`, the start of the tasks included; empty while nobody knows. */
function timeOf(form: RunForm, meant: Meant, shards: number): string {
  const ms = forecastMs(workOf(form, meant), shards);
  return ms === undefined ? '' : ` · about ${about(ms)}`;
}

/** Nobody needs the seconds of something that is about to be. */
const about = (ms: number): string => (ms < 90_000 ? 'a minute' : duration(Math.round(ms / 60_000) * 60_000));

function forecastPart(form: RunForm, meant: Meant): readonly KnownBlock[] {
  const { environment, suite, filled } = form;
  if (suite.scenarios.length === 0) return [context('Nothing has run here yet: after the first run I know its scenarios, tags and times.')];
  if (meant === undefined) return [context(`${code(cut(filled.choice.tags, 200))} is no tag expression: it means nothing.`)];
  if (meant.length === 0) return [context('⚠️ That means no scenario that I know of: such a run checks nothing.')];
  const all = meant.length === suite.scenarios.length ? 'all ' : '';
  const most = mostShardsOf(environment);
  const wanted = filled.choice.shards ?? environment.shards;
  const shards = wanted === 'auto' ? chooseShards(workOf(form, meant), most).shards : Math.max(1, Math.min(Number(wanted) || 1, most));
  const time = timeOf(form, meant, shards);
  return [context(`That means ${all}${plural(meant.length, 'scenario')}${time}. Counted in the last runs here.`)];
}

/** A modal shows the errors below its fields as they are: no markup, no entities. */
export const plainFaults = (faults: Faults, environment: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(faults).map(([field, because]) => [blockId(field as Field, environment), cut(unmarked(because ?? ''), 1_000)]),
  );
