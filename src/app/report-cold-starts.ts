import type { Bus } from '../aws/bus.ts';
import { type FunctionLog, groupsAtOnce, type LogInsights } from '../aws/log-insights.ts';
import { type ColdStartsCommand, parseColdStarts } from '../coldstart/command.ts';
import { digestMaxAgeMs } from '../coldstart/due.ts';
import { hourMs, lookBackMs } from '../coldstart/hourly.ts';
import { type AskedQuery, type ColdStartsRequest, coldStartsKeys, type UnderWay } from '../coldstart/request.ts';
import { type ColdStartSettings, mayAsk } from '../coldstart/settings.ts';
import type { Summary } from '../coldstart/summary.ts';
import { expensiveMessage, lookingMessage } from '../message/cold-starts.ts';
import { digestMessage } from '../message/cold-starts-digest.ts';
import type { ColdStartsView } from '../message/cold-starts-view.ts';
import { code } from '../message/text.ts';
import { closest } from '../run/closest.ts';
import { linkTo } from '../run/link.ts';
import { maxAgeMs } from '../run/request.ts';
import { keyHash } from '../run/run-id.ts';
import { keepHeadline } from './cold-starts-headline.ts';
import { coldStartsPage } from './cold-starts-page.ts';
import { countFound } from './count-cold-starts.ts';
import { errorText } from './log.ts';
import { showColdStarts } from './show-cold-starts.ts';
import { type Found, type Looked, nextStep } from './step-cold-starts.ts';
import { isAnswered, type Question, tellAnswer, tellLooking, tellProgress, refuse as tellRefusal } from './tell-cold-starts.ts';
import { missWatch, watchFound, watchTooExpensive } from './watch-cold-starts.ts';
import type { World } from './world.ts';

/** What the answer to `/coldstarts` needs, and what is said of cold starts unasked. */
export interface ColdStartsWorld extends Pick<World, 'store' | 'say' | 'linkKey' | 'nowMs' | 'newOwner' | 'log'> {
  /** Absent: coldframe.yml says nothing of cold starts. */
  readonly settings: ColdStartSettings | undefined;
  readonly insights: LogInsights;
  readonly bus: Bus;
  readonly pause: (durationMs: number) => Promise<void>;
}

/** A pass waits this long for its queries, well within the worker's time limit; then the next one goes on. */
const passMs = 12_000;
const lookEveryMs = 400;
/** Twenty minutes of passes: whoever asked has stopped waiting. */
const mostPasses = 100;

/**
 * Answers `/coldstarts`: finds the logs, asks CloudWatch, waits, counts and says it. A question that comes twice is answered once.
 * A weekly digest is a question that nobody typed; a watch looks in the same way, and says something only about a jump.
 *
 * @throws when AWS or Slack let us down and the request should be delivered again
 */
export async function reportColdStarts(request: ColdStartsRequest, world: ColdStartsWorld): Promise<void> {
  const question = questionOf(request, world);
  if (question === undefined) return world.log('warn', 'cold starts not asked', { text: request.text });
  if (request.occasion?.kind !== 'watch' && (await isAnswered(question, world))) return;
  if (request.underWay === undefined) return await begin(question, world);
  await goOn(question, request.underWay, world);
}

/** The question that a request asks, or undefined when it asks none or there is nothing to ask. */
export function questionOf(request: ColdStartsRequest, { settings }: Pick<ColdStartsWorld, 'settings'>): Question | undefined {
  const parsed = parseColdStarts(request.text);
  if (settings === undefined || parsed.kind !== 'ask') return undefined;
  const id = `${request.askedAt.slice(0, 10).replaceAll('-', '')}-${keyHash(request.key).slice(0, 12)}`;
  return { request, command: parsed.command, id, settings };
}

/** A sentence instead of an answer. A watch that sees nothing is remembered: one hour is not worth a word, and six are. */
const refuse = (question: Question, because: string, world: ColdStartsWorld): Promise<void> =>
  question.request.occasion?.kind === 'watch' ? missWatch(question, because, world) : tellRefusal(question, because, world);

async function begin(question: Question, world: ColdStartsWorld): Promise<void> {
  const { request, command, settings } = question;
  const nowMs = world.nowMs();
  const tooLate = latenessOf(request, nowMs);
  if (tooLate !== undefined) return await refuse(question, tooLate, world);
  const refusal = request.occasion === undefined ? await refusalFor(question, world) : undefined;
  if (refusal !== undefined) return await refuse(question, refusal, world);
  const logs = await logsOf(settings.functions, world);
  if (typeof logs === 'string') return await refuse(question, logs, world);
  const chosen = choose(logs, command, settings);
  if (typeof chosen === 'string') return await refuse(question, chosen, world);

  const groups = chosen.map(({ group }) => group);
  if (request.occasion?.kind === 'watch') {
    const { from, to } = request.occasion;
    const aWeek = estimatedBytes(chosen, 84 * (hourMs + lookBackMs), nowMs);
    if (aWeek > settings.askAboveGb * 1e9) return await refuse(question, watchTooExpensive(aWeek, settings), world);
    const window = { fromMs: from * hourMs - lookBackMs, toMs: to * hourMs };
    const waiting = inParts(groups, groupsAtOnce).map((part) => ({ groups: part, ...window }));
    return await goOn(question, { pass: 1, queries: [], waiting, toMs: window.toMs }, world);
  }
  const estimate = estimatedBytes(chosen, command.windowMs, nowMs);
  if (estimate > settings.askAboveGb * 1e9 && !command.isConfirmed) {
    await tellAnswer(question, expensiveMessage(estimate, request.text), world);
    return;
  }
  // Whole seconds, as CloudWatch takes them. A digest is about the week it was due for, however late it comes.
  const toMs = Math.ceil((request.occasion === undefined ? nowMs : Date.parse(request.askedAt)) / 1_000) * 1_000;
  if (request.occasion === undefined) await tellLooking(question, lookingMessage(viewOf(question, groups.length, 0)), world);
  const waiting = [
    { fromMs: toMs - 2 * command.windowMs, toMs: toMs - command.windowMs },
    { fromMs: toMs - command.windowMs, toMs },
  ].flatMap((window) => inParts(groups, groupsAtOnce).map((part) => ({ groups: part, ...window })));
  await goOn(question, { pass: 1, queries: [], waiting, toMs }, world);
}

/** Why it is too late to begin; undefined when it is not. A watch looks at whatever hours it has missed. */
function latenessOf({ askedAt, occasion }: ColdStartsRequest, nowMs: number): string | undefined {
  const ageMs = nowMs - Date.parse(askedAt);
  if (occasion?.kind === 'watch') return undefined;
  if (occasion === undefined) return ageMs > maxAgeMs ? 'This question waited too long: please ask again.' : undefined;
  if (ageMs <= digestMaxAgeMs) return undefined;
  return `This week's digest of cold starts was due at ${askedAt.slice(0, 16).replace('T', ' ')} UTC and could not be made: it is skipped. \`/coldstarts 7d\` gives the same figures.`;
}

/** Why this person may not ask, user groups included. */
async function refusalFor({ request, settings }: Question, { say }: ColdStartsWorld): Promise<string | undefined> {
  const may = mayAsk(settings, request.userId, request.channel);
  if (may.kind === 'allowed') return undefined;
  if (may.kind === 'refused') return may.because;
  for (const group of may.userGroups) if ((await say.membersOf(group))?.includes(request.userId)) return undefined;
  return may.because;
}

/** The logs that may be looked at, or the sentence that says why there are none. */
async function logsOf(prefixes: readonly string[], { insights }: ColdStartsWorld): Promise<readonly FunctionLog[] | string> {
  try {
    const found = await Promise.all([...prefixes, ...prefixes.map((prefix) => `web/${prefix}`)].map(insights.logsOf));
    const logs = [...new Map(found.flat().map((one) => [one.group, one])).values()];
    if (logs.length > 0) return logs;
    return `No function's log begins with ${prefixes.map(code).join(' or ')}: look at \`coldStarts.functions\` in coldframe.yml. A function that was never called has no log yet.`;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return `AWS does not let me list logs (${code(errorText(error))}): deploy the stack again, its permissions follow from coldframe.yml.`;
  }
}

const isForbidden = (error: unknown): boolean => error instanceof Error && error.name === 'AccessDeniedException';

/** The logs that were asked about, or the sentence that names the nearest. */
function choose(
  logs: readonly FunctionLog[],
  { functions }: ColdStartsCommand,
  { functions: prefixes }: ColdStartSettings,
): readonly FunctionLog[] | string {
  if (functions.length === 0) return logs;
  const fits = (word: string) =>
    logs.filter(({ functionName }) => (word.endsWith('*') ? functionName.startsWith(word.slice(0, -1)) : functionName === word));
  const unknown = functions.find((word) => fits(word).length === 0);
  if (unknown === undefined) return [...new Set(functions.flatMap(fits))];
  const names = logs.map(({ functionName }) => functionName);
  const near = closest(unknown.replace(/\*$/, ''), names) ?? names.find((name) => name.includes(unknown.replace(/\*$/, '')));
  if (near !== undefined) return `I see no function ${code(unknown)}; did you mean ${code(near)}?`;
  const listed = names.slice(0, 8).map(code).join(', ');
  return `I see no function ${code(unknown)} among those that begin with ${prefixes.map(code).join(' or ')}. There ${names.length === 1 ? 'is' : 'are'} ${listed}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`;
}

/** A query looks at all bytes of its time, not only at Lambda's own lines; both windows are looked at. */
function estimatedBytes(logs: readonly FunctionLog[], windowMs: number, nowMs: number): number {
  const part = ({ keptSinceMs }: FunctionLog): number => Math.min(1, (2 * windowMs) / Math.max(1, nowMs - keptSinceMs));
  return logs.reduce((sum, one) => sum + one.storedBytes * part(one), 0);
}

/** Waits for the queries of this pass, and either says what they found or hands over to the next pass. */
async function goOn(question: Question, begun: UnderWay, world: ColdStartsWorld): Promise<void> {
  const { insights, nowMs, pause, bus } = world;
  const untilMs = nowMs() + passMs;
  let underWay = begun;
  for (;;) {
    const asked = await askWaiting(underWay.waiting, insights);
    if (asked.forbidden !== undefined) return await refuse(question, forbiddenText(asked.forbidden), world);
    const looked = await Promise.all(
      [...underWay.queries, ...asked.queries].map(async (query) => ({ query, state: await insights.look(query.queryId) })),
    );
    const next = nextStep({ ...underWay, waiting: asked.waiting }, looked);
    if (next.kind === 'refused') {
      await stopAll(looked, insights);
      return await refuse(question, next.because, world);
    }
    if (next.kind === 'found') return await finish(question, next, world);
    await stopAll(next.stopped, insights);
    underWay = next.underWay;
    if (underWay.isHot && question.request.occasion?.kind === 'watch') return await refuse(question, hotWatchText, world);
    const { bytesScanned } = next;
    if (nowMs() > untilMs) {
      if (begun.pass >= mostPasses) {
        await stopAll(looked, insights);
        return await refuse(question, tooLongText, world);
      }
      if (question.request.occasion === undefined) {
        const groups = groupCount([...underWay.queries, ...underWay.waiting]);
        await tellProgress(question, lookingMessage(viewOf(question, groups, bytesScanned, underWay.isHot)), world);
      }
      const detail = { ...question.request, underWay: { ...underWay, pass: begun.pass + 1 } };
      await bus.put({ detailType: 'Cold Starts Requested', detail });
      return;
    }
    await pause(lookEveryMs);
  }
}

async function askWaiting(waiting: UnderWay['waiting'], insights: LogInsights) {
  const queries: AskedQuery[] = [];
  for (const [index, piece] of waiting.entries()) {
    const asked = await insights.ask(piece.groups, piece.fromMs, piece.toMs, piece.wanted);
    if (asked.kind === 'forbidden') return { queries, waiting: waiting.slice(index), forbidden: asked.because };
    if (asked.kind === 'busy') return { queries, waiting: waiting.slice(index), forbidden: undefined };
    queries.push({ ...piece, queryId: asked.queryId });
  }
  return { queries, waiting: [], forbidden: undefined };
}

const stopAll = async (looked: readonly Looked[], insights: LogInsights): Promise<void> =>
  void (await Promise.all(looked.filter(({ state }) => state.kind === 'running').map(({ query }) => insights.stop(query.queryId))));

async function finish(question: Question, found: Found, world: ColdStartsWorld): Promise<void> {
  const { command, id, request } = question;
  const { bytesScanned, isHot } = found;
  if (request.occasion?.kind === 'watch') return await watchFound(question, request.occasion, found, world);
  const summary = await countFound({ ...found, windowMs: command.windowMs, whatIfs: command.whatIfs }, world.insights);
  const view = viewOf(question, groupCount(found.queries), bytesScanned, isHot);
  // What somebody asked of a part of the functions is no headline.
  if (request.occasion !== undefined || command.functions.length === 0)
    await keepHeadline(summary, { ...command, askedAt: request.askedAt }, world.store);
  const pageUrl = await writePage(id, summary, view, world);
  if (request.occasion === undefined) await showColdStarts(question, { summary, view, pageUrl }, world);
  else await tellAnswer(question, digestMessage(summary, { ...view, schedule: scheduleOf(question) }, pageUrl), world);
  const { invocations, coldStarts } = summary.all;
  world.log('info', 'cold starts reported', { id, functions: summary.functions.size, invocations, coldStarts, bytes: bytesScanned, isHot });
}

async function writePage(
  id: string,
  summary: Summary,
  view: ColdStartsView,
  { store, linkKey }: ColdStartsWorld,
): Promise<string | undefined> {
  if (summary.all.invocations === 0) return undefined;
  const { page } = coldStartsKeys(id);
  await store.put(`reports/${page.environment}/${page.runId}/${page.file}`, coldStartsPage(summary, view), 'text/html; charset=utf-8');
  return linkTo(page, linkKey);
}

/** When this channel is promised its digest, in coldframe.yml's words. */
const scheduleOf = ({ request, settings }: Question): string =>
  settings.channels.find(({ channel }) => channel === request.channel)?.digest ?? 'week';

const groupCount = (pieces: readonly { readonly groups: readonly string[] }[]): number =>
  new Set(pieces.flatMap(({ groups }) => groups)).size;

const viewOf = ({ request, command }: Question, functions: number, bytesScanned: number, isHot = false): ColdStartsView => ({
  command,
  askedBy: request.userId,
  functions,
  bytesScanned,
  isHot,
});

const forbiddenText = (because: string): string =>
  `AWS does not let me read these logs (${code(because.slice(0, 300))}): deploy the stack again, its permissions follow from \`coldStarts.functions\` in coldframe.yml.`;

/** A jump's cause is seen in the calls around it, each by itself. */
const hotWatchText =
  'There are more calls than I can look at one by one for the alerts of this channel: name fewer `functions` for it in coldframe.yml.';

const tooLongText = 'CloudWatch took longer than anybody waits. Ask for a shorter window, or for fewer functions.';

function inParts<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}
