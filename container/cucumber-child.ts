/**
 * The process the suite runs in: the suite's own cucumber-js, driven through its documented JavaScript API
 * (`@cucumber/cucumber/api`, the same in versions 8 to 13) as its command line drives it. What the command line cannot do:
 *
 * - Every message is in the file before cucumber goes on. The message formatter's stream loses what it still holds when
 *   a step calls `process.exit` or never gives the processor back: 2 lines of messages instead of all (docs/decisions.md).
 * - The plan's tags and feature files narrow the suite's configuration, whatever that is: on the command line, files are
 *   added to the profile's `paths`, `--plugin` overwrites the suite's own, and a profile's `(@a) or (@b)` loses its brackets.
 *
 * A program of its own, run by `cucumber-process.ts`, which names the file with the order.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { extname, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Cucumber from '@cucumber/cucumber/api';
import type { Envelope } from '@cucumber/messages';
import { dealByLines } from './deal-by-lines.ts';
import { type DealOptions, optionsKey } from './deal-plugin.ts';
import { dealer } from './dealer.ts';
import { messageWriter } from './message-writer.ts';
import { readLimits, scenarioLimits } from './scenario-limits.ts';
import { withTrueTime } from './true-time.ts';
import { typescriptLoader } from './typescript-loader.ts';

/** What the child is told, in a JSON file. The paths are absolute. */
export interface SuiteOrder {
  /** The suite's own `@cucumber/cucumber/api`. */
  readonly api: string;
  /** The suite's own `cucumber-js`: what code that looks at `process.argv` expects there. */
  readonly program: string;
  /** Where the messages go, one JSON object a line, each complete when the next thing happens. */
  readonly messages: string;
  /** Where a sentence goes when the order cannot be carried out: then nothing was run. */
  readonly refusal: string;
  /** Profiles of the suite's configuration; none: its default. */
  readonly profiles: readonly string[];
  readonly tags: string;
  readonly retry: number;
  /** How many scenarios run at once; absent: as many as the suite's configuration says. */
  readonly parallel?: number;
  readonly features: readonly string[];
  /** Only a part of the scenarios is to be run; absent: all of them. */
  readonly deal?: DealOptions & {
    /** Whether the suite's cucumber takes plugins: 12.5 and later. */
    readonly hasPlugins: boolean;
  };
}

type RunConfiguration = Cucumber.IRunConfiguration;
type Result<F extends (...input: never[]) => unknown> = Awaited<ReturnType<F>>;

/** The parent holds the other end of this: a byte means that the run may begin, and it closes when the parent is gone, however it went. */
const parentDescriptor = 3;

/** Node's exit code when nothing is left to do and what was awaited has not come. */
const unsettled = 13;

/** Complete, as the command line gives it: in version 11, workers get no environment variables but those named here. */
const environment = { cwd: process.cwd(), stdout: process.stdout, stderr: process.stderr, env: process.env };

/** Beside this file, in the form this file is in: `.ts` from source, `.mjs` in the image. */
const beside = (name: string): string => fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SuiteOrder;
process.argv.splice(1, process.argv.length, order.program);
const begun = beginWithParent();
// As Node itself ends for an await at the top that is never over; but it would print this whole program with it.
process.once('beforeExit', () => process.exit(unsettled));
void run().then((exitCode) => process.exit(exitCode));

/** The exit code cucumber-js would give. */
async function run(): Promise<number> {
  try {
    const cucumber = createRequire(order.api)(order.api) as typeof Cucumber;
    // Cucumber itself is loaded while the pre-flight is on; nothing of the suite's is touched before that has passed.
    await begun;
    const { runConfiguration } = await cucumber.loadConfiguration({ profiles: [...order.profiles] }, environment);
    const planned = await withFeatures(cucumber, withPlan(runConfiguration));
    if (typeof planned === 'string') {
      writeFileSync(order.refusal, planned);
      return 1;
    }
    const dealt = await withDeal(cucumber, planned);
    const { success } = await cucumber.runCucumber(dealt, environment, taker(dealt.runtime.parallel > 0));
    return success ? 0 : 1;
  } catch (error) {
    // Node knows where in a file it is, and tells it only of an error that nobody caught.
    if (error instanceof SyntaxError) throw error;
    console.error(error);
    return 1;
  }
}

/**
 * The suite's configuration, narrowed by the plan: its tags AND ours, our number of retries, and of workers if we have one.
 * Which scenarios may be tried again, if any may, is for the suite to say.
 */
function withPlan(suite: RunConfiguration): RunConfiguration {
  const expressions = [suite.sources.tagExpression, order.tags].filter((expression) => expression?.trim());
  return {
    ...suite,
    sources: { ...suite.sources, tagExpression: expressions.map((expression) => `(${expression})`).join(' and ') },
    support: { ...suite.support, requireModules: [...preloads(suite.support), ...(suite.support.requireModules ?? [])] },
    runtime: {
      ...suite.runtime,
      retry: order.retry,
      retryTagFilter: order.retry > 0 ? suite.runtime.retryTagFilter : '',
      // One worker is a process or a thread more than none, and nothing else.
      ...(order.parallel !== undefined && { parallel: order.parallel > 1 ? order.parallel : 0 }),
    },
    // A profile may publish to reports.cucumber.io, which is public.
    formats: { ...suite.formats, publish: false },
  };
}

/** Required by cucumber before the suite's code, in this process and in its workers, whatever these are. */
function preloads(support: RunConfiguration['support']): readonly string[] {
  const loader = typescriptLoader(support, environment.cwd, environment.env.NODE_OPTIONS);
  const playwrightChrome = environment.env.CHROME_PATH ? [beside('playwright-chrome')] : [];
  return [beside('worker-limits'), ...playwrightChrome, ...(loader === undefined ? [] : [loader])];
}

/**
 * The configuration with the plan's feature files only, or a sentence that says which of them the suite does not have.
 * The support code is loaded as for the whole suite: by default cucumber looks for it beside the feature files it is given.
 */
async function withFeatures(cucumber: typeof Cucumber, suite: RunConfiguration) {
  if (order.features.length === 0) return suite;
  const everything: RunConfiguration['sources'] = { ...suite.sources, names: [], tagExpression: '' };
  delete everything.shard;
  const known = featureFiles(await cucumber.loadSources(everything, environment));
  const wanted = order.features.map((feature) => normalize(feature));
  const missing = wanted.filter((feature) => !known.includes(feature));
  if (missing.length > 0) return noSuchFeature(missing, known);
  return { ...suite, sources: { ...suite.sources, paths: wanted }, support: await cucumber.loadSupport(suite, environment) };
}

function featureFiles({ plan, errors }: Result<typeof Cucumber.loadSources>): readonly string[] {
  return [...new Set([...plan, ...errors].map(({ uri }) => normalize(uri)))].toSorted();
}

function noSuchFeature(missing: readonly string[], known: readonly string[]): string {
  const shown = known.slice(0, 10).join(', ');
  const more = known.length > 10 ? ` and ${known.length - 10} more` : '';
  const has = `It has ${known.length === 0 ? 'none' : shown + more}.`;
  return `The suite has no feature file ${missing.join(', ')}. ${has}\nCheck the spelling of \`feature=\` in the command.`;
}

/** The configuration with this shard's part of the scenarios. */
async function withDeal(cucumber: typeof Cucumber, suite: Exclude<Result<typeof withFeatures>, string>): Promise<typeof suite> {
  if (order.deal === undefined) return suite;
  const { hasPlugins, ...deal } = order.deal;
  if (hasPlugins) return { ...suite, plugins: withPlugin(suite.plugins, deal) };
  // Before the paths are narrowed: by default cucumber looks for the code beside the feature files it is given.
  const support =
    'originalCoordinates' in suite.support ? suite.support : await cucumber.loadSupport(suite as RunConfiguration, environment);
  const input = { sources: suite.sources, cwd: environment.cwd, api: order.api, dealer: dealer(deal, deal.record) };
  return { ...suite, sources: await dealByLines(input, (sources) => cucumber.loadSources(sources, environment)), support };
}

/** The suite's own plugins first: whatever they leave is dealt out. */
const withPlugin = (plugins: RunConfiguration['plugins'], deal: DealOptions): NonNullable<RunConfiguration['plugins']> => ({
  specifiers: [...(plugins?.specifiers ?? []), pathToFileURL(beside('deal-plugin')).href],
  options: { ...plugins?.options, [optionsKey]: JSON.parse(JSON.stringify(deal)) },
});

/** Takes each message before cucumber goes on. The workers of a parallel run see to their scenarios' limits themselves. */
function taker(isParallel: boolean): (message: Envelope) => void {
  const write = messageWriter(order.messages);
  const limits = isParallel ? undefined : readLimits(process.env);
  const watch = limits === undefined ? undefined : scenarioLimits(limits);
  return (message) => {
    watch?.(message);
    write(withTrueTime(message));
  };
}

/** Settles when the parent says that it may begin. Without its parent nobody collects what the suite does, nor ends it. */
function beginWithParent(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const parent = new Socket({ fd: parentDescriptor, writable: false });
  parent.on('error', () => parent.destroy());
  parent.on('close', () => process.kill(-process.pid, 'SIGKILL'));
  parent.once('data', () => {
    parent.unref();
    resolve();
  });
  return promise;
}
