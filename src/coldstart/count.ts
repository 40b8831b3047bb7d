import { initGbMs } from './cost.ts';
import type { LogLine } from './exported-log.ts';
import { type InitType, isCrash, type LineEnd, parseReportLine, type Report } from './report-line.ts';
import { newTally, type Tally } from './tally.ts';

/** How an invocation found its environment. */
export type Found = 'warm' | 'cold' | 'pre-initialised' | 'already-there';

/** One invocation, as the simulator needs it. */
export interface Invocation {
  readonly functionName: string;
  /** The log stream; empty when the line did not say. */
  readonly stream: string;
  /** When it was asked for: a cold start's init comes after that. */
  readonly arrivedMs: number;
  /** From then on its environment was taken, without the init. */
  readonly durationMs: number;
  readonly initMs: number;
  /** `already-there`: warm, in an environment that is older than what we read. */
  readonly found: Found;
}

/** The time to look at, and the equally long time before it. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whatever a line did not say, and how often. */
export interface Missing {
  time: number;
  stream: number;
  functionName: number;
}

/** What was counted, by function. */
export interface Counted {
  readonly all: Tally;
  readonly functions: ReadonlyMap<string, Tally>;
  /** The same for the window before; empty without a window. */
  readonly before: { readonly all: Tally; readonly functions: ReadonlyMap<string, Tally> };
  /** Reports whose line lacked something. */
  readonly missing: Readonly<Missing>;
  /** Text reports with an init of which we could not see when the init began. */
  readonly untold: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** Invocations and cold starts by hour of the day, UTC. */
  readonly hours: readonly { readonly invocations: number; readonly coldStarts: number }[];
}

/** What nobody named. */
export const unknownFunction = '(unknown)';

/** An environment that was ready longer than this before it was called was not made for that call. */
const aheadMs = 1_000;
/** Environments of which something is remembered, at least. */
const mostEnvironments = 16_384;
/** More than so many are forgotten when nothing was heard of them for a day. */
const fewEnvironments = 1_024;
const dayMs = 24 * 3_600_000;

const newEnvironment = (key: string, functionName: string | undefined): Environment => ({
  key,
  functionName,
  hasCrashed: false,
  isKnown: false,
  isManaged: false,
  begun: undefined,
  failed: undefined,
  startedMs: undefined,
});

const recentSlots = 1_024;
/** Streams differ at their ends, which are of hexadecimal digits. */
const recentSlot = (stream: string): number =>
  (stream.charCodeAt(stream.length - 1) & 31) | ((stream.charCodeAt(stream.length - 2) & 31) << 5);

interface FailedInit {
  readonly initMs: number;
  readonly phase: 'init' | 'invoke';
  readonly end: LineEnd;
  readonly counts: 'cold' | 'ahead' | 're-init';
  readonly atMs: number | undefined;
}

interface Environment {
  /** The stream's name, or a name of our own where none was said. */
  readonly key: string;
  functionName: string | undefined;
  /** The last report was of a crash. */
  hasCrashed: boolean;
  /** It has served a call that counts. */
  isKnown: boolean;
  isManaged: boolean;
  /** An init or restore has begun, and no report has told of it yet. */
  begun: { readonly atMs: number | undefined; readonly initType: InitType | undefined } | undefined;
  /** A failed init that no report has told of yet. */
  failed: FailedInit | undefined;
  startedMs: number | undefined;
}

/**
 * Counts cold starts while it reads lines. Those of one stream must come in order of time; streams may be mixed.
 *
 * @param window what to count; absent: everything
 * @param tell is told of every invocation that counts
 */
export function coldStartCounter({ window, tell }: { readonly window?: Window; readonly tell?: (invocation: Invocation) => void } = {}) {
  const now = newPeriod();
  const before = newPeriod();
  /** Those heard of lately, and those before them. */
  let environments = new Map<string, Environment>();
  let olderEnvironments = new Map<string, Environment>();
  /** Looking into a map takes as long as half of all the rest of a line: those heard of last are found without. */
  const recent = new Array<Environment | undefined>(recentSlots).fill(undefined);
  let dayBeganMs = 0;
  const names = new Map<string, string>();
  /** Which function a request went to, where only its start says so. */
  const requests = new Map<string, string>();
  /** Inits in JSON without a stream: which of them a report belongs to, the times tell. */
  const strays: { readonly atMs: number | undefined; readonly initType: InitType | undefined }[] = [];
  const missing: Missing = { time: 0, stream: 0, functionName: 0 };
  const hours = Array.from({ length: 24 }, () => ({ invocations: 0, coldStarts: 0 }));
  let untold = 0;
  let firstMs: number | undefined;
  let lastMs: number | undefined;

  /** Which of the two periods a time belongs to; without a window everything is now. */
  function periodOf(atMs: number | undefined): Period | undefined {
    if (window === undefined) return now;
    if (atMs === undefined) return undefined;
    if (atMs >= window.fromMs && atMs < window.toMs) return now;
    const { fromMs, toMs } = window;
    return atMs >= fromMs - (toMs - fromMs) && atMs < fromMs ? before : undefined;
  }

  function environmentOf(line: LogLine): Environment {
    if (environments.size >= mostEnvironments || (environments.size >= fewEnvironments && isDayOver(line.atMs))) forgetOlder();
    // A stream's name is its own everywhere.
    const key = line.stream ?? `\n${line.functionName ?? ''}`;
    const near = recent[recentSlot(key)];
    if (near?.key === key) return near;
    const environment = environments.get(key) ?? olderEnvironment(key, line.functionName);
    recent[recentSlot(key)] = environment;
    return environment;
  }

  /** One that was not heard of lately, or is new: from now on it is among those that were. */
  function olderEnvironment(key: string, functionName: string | undefined): Environment {
    const environment =
      olderEnvironments.get(key) ?? newEnvironment(ownCopy(key), functionName === undefined ? undefined : ownName(functionName));
    olderEnvironments.delete(key);
    environments.set(environment.key, environment);
    return environment;
  }

  function isDayOver(nowMs: number | undefined): boolean {
    if (nowMs === undefined || Math.abs(nowMs - dayBeganMs) < dayMs) return false;
    dayBeganMs = nowMs;
    return true;
  }

  function forgetOlder(): void {
    for (const environment of olderEnvironments.values()) settleFailed(environment, undefined);
    olderEnvironments = environments;
    environments = new Map();
    recent.fill(undefined);
  }

  /** One text for each name: there are few. */
  function ownName(name: string): string {
    const known = names.get(name);
    if (known !== undefined) return known;
    const own = ownCopy(name);
    names.set(own, own);
    return own;
  }

  /** One line of a log, whatever it is. Never throws. */
  function read(line: LogLine): void {
    const parsed = parseReportLine(line.message);
    if (parsed === undefined) {
      if (line.functionName !== undefined) note(line.functionName, line.atMs, (tally) => (tally.otherLines += 1));
      return;
    }
    const { stream } = line;
    const ownMs = 'atMs' in parsed ? parsed.atMs : undefined;
    const atMs = line.atMs ?? ownMs;
    const name = line.functionName;
    switch (parsed.kind) {
      case 'web':
        count(name ?? unknownFunction, atMs, (tally) => {
          tally.webFunctions += 1;
          if (parsed.event === 'initReport') tally.webInits += 1;
        });
        return;
      case 'managed-report':
        count(name ?? environmentOf(line).functionName ?? unknownFunction, atMs, (tally) => (tally.managedInstances += 1));
        return;
      case 'init-start': {
        const environment = environmentOf(
          name === undefined && stream === undefined && parsed.functionName !== undefined
            ? { ...line, functionName: parsed.functionName }
            : line,
        );
        settleFailed(environment, name);
        if (parsed.functionName !== undefined && environment.functionName !== parsed.functionName)
          environment.functionName = ownName(parsed.functionName);
        environment.isManaged = parsed.initType === 'lambda-managed-instances';
        // In its own stream it is the crashed environment that begins anew; else it may be any.
        if (stream === undefined) environment.hasCrashed = false;
        environment.begun = { atMs, initType: parsed.initType };
        if (stream === undefined && parsed.initType !== undefined && strays.length < 1_000) strays.push(environment.begun);
        const named = name ?? environment.functionName;
        if (named !== undefined)
          note(named, atMs, (tally) => {
            if (parsed.runtime !== undefined && parsed.runtime !== tally.runtime) tally.runtime = ownCopy(parsed.runtime);
          });
        return;
      }
      case 'restore-start': {
        const environment = environmentOf(line);
        environment.begun = { atMs, initType: undefined };
        return;
      }
      case 'restore-report':
        return;
      case 'start':
        if (stream !== undefined) environmentOf(line).startedMs = atMs;
        if (name === undefined && parsed.functionName !== undefined) remember(parsed.requestId, parsed.functionName);
        return;
      case 'init-report':
        initReport(environmentOf(line), parsed, line, atMs);
        return;
      case 'report':
        report(parsed, line, atMs);
        return;
    }
  }

  /** Counts warm invocations, and reports of Managed Instances, that somebody else has counted: of a function and an hour. */
  function add(functionName: string, atMs: number, { calls, managed }: { readonly calls: number; readonly managed: number }): void {
    const period = periodOf(atMs);
    if (period === undefined) return;
    see(atMs);
    for (const tally of [period.all, period.of(functionName)]) {
      tally.invocations += calls;
      tally.managedInstances += managed;
    }
    const hour = hours[Math.floor(atMs / 3_600_000) % 24];
    if (period === now && hour !== undefined) hour.invocations += calls;
  }

  function remember(requestId: string, functionName: string): void {
    if (requests.size > 10_000) requests.clear();
    requests.set(ownCopy(requestId), ownName(functionName));
  }

  function initReport(
    environment: Environment,
    {
      initMs,
      phase,
      end,
      initType,
    }: { initMs: number; phase: 'init' | 'invoke' | 'publish'; end: LineEnd; initType: InitType | undefined },
    line: LogLine,
    atMs: number | undefined,
  ): void {
    // A snapshot's; or one that the report will tell of.
    if (phase === 'publish' || (phase === 'init' && end.kind === 'success')) return;
    if (environment.isManaged || initType === 'lambda-managed-instances') return;
    const { failed } = environment;
    if (failed !== undefined && phase === 'invoke' && (line.stream !== undefined || isSameInit(failed, end))) {
      environment.failed = { ...failed, phase };
      return;
    }
    settleFailed(environment, line.functionName);
    const isReInit = phase === 'invoke' && environment.hasCrashed && line.stream !== undefined;
    const isAhead = (initType ?? environment.begun?.initType) === 'provisioned-concurrency';
    environment.failed = { initMs, phase, end, counts: isReInit ? 're-init' : isAhead ? 'ahead' : 'cold', atMs };
  }

  function report(line: Report, from: LogLine, atMs: number | undefined): void {
    const { stream } = from;
    const isNameless = requests.size > 0 && stream === undefined && from.functionName === undefined;
    const environment = environmentOf(isNameless ? { ...from, functionName: requests.get(line.requestId) } : from);
    // Its own text where it is the same: a part of a line would keep the whole piece of the file.
    const named = from.functionName === environment.functionName ? environment.functionName : from.functionName;
    const name = named ?? environment.functionName ?? requests.get(line.requestId) ?? unknownFunction;
    if (requests.size > 0) requests.delete(line.requestId);
    if (environment.isManaged) {
      count(name, atMs, (tally) => (tally.managedInstances += 1));
      return;
    }
    const initMs = line.initMs ?? line.restoreMs;
    // Without a stream the lines around it may be another environment's: only the same init is taken for the same.
    const { failed } = environment;
    if (failed !== undefined && (initMs !== undefined || failed.counts === 're-init')) {
      if (stream === undefined && initMs !== undefined && Math.abs(failed.initMs - initMs) > 1) settleFailed(environment, name);
      environment.failed = undefined;
    }
    if (atMs === undefined) missing.time += 1;
    const period = periodOf(atMs);
    const isAhead = initMs !== undefined && wasAhead(environment, line, initMs, from, atMs);
    const isFailedInit = initMs === undefined && environment.failed !== undefined;
    const isReInit = initMs === undefined && !isFailedInit && environment.hasCrashed;
    const failedMs = environment.failed?.initMs ?? 0;
    settleFailed(environment, name);
    if (period !== undefined) {
      see(atMs);
      const isCold = isFailedInit || (initMs !== undefined && !isAhead);
      if (atMs !== undefined && period === now) {
        const hour = hours[Math.floor(atMs / 3_600_000) % 24];
        if (hour !== undefined) {
          hour.invocations += 1;
          if (isCold) hour.coldStarts += 1;
        }
      }
      const outcome = isAhead
        ? 'ahead'
        : initMs === undefined
          ? isReInit
            ? 're-init'
            : 'warm'
          : line.initMs === undefined
            ? 'restored'
            : 'cold';
      addReport(period.all, line, outcome, initMs);
      addReport(period.of(name), line, outcome, initMs);
      if (period === now) {
        const isNew = !environment.isKnown;
        environment.isKnown = true;
        if (stream === undefined) missing.stream += 1;
        if (name === unknownFunction) missing.functionName += 1;
        if (tell !== undefined && atMs !== undefined) {
          const startedMs = atMs - line.durationMs;
          const waitedMs = isCold && !isFailedInit ? (initMs ?? 0) : 0;
          const found: Found = isCold ? 'cold' : isAhead ? 'pre-initialised' : isNew && stream !== undefined ? 'already-there' : 'warm';
          tell({
            functionName: name,
            stream: stream ?? '',
            arrivedMs: startedMs - waitedMs,
            // The init that ran again inside of it is not the work itself.
            durationMs: Math.max(0, line.durationMs - (isFailedInit ? Math.min(failedMs, line.durationMs) : 0)),
            initMs: isFailedInit ? failedMs : waitedMs,
            found,
          });
        }
      }
    }
    environment.hasCrashed = isCrash(line.end);
    environment.begun = undefined;
    environment.startedMs = undefined;
  }

  /** Whether the environment was ready before anybody asked for it. */
  function wasAhead(environment: Environment, line: Report, initMs: number, from: LogLine, atMs: number | undefined): boolean {
    const startedMs = environment.startedMs ?? (atMs === undefined ? undefined : atMs - line.durationMs);
    const begun = from.stream === undefined ? takeStray(startedMs, initMs) : environment.begun;
    if (begun?.initType === 'provisioned-concurrency') return true;
    if (begun?.atMs === undefined || startedMs === undefined) {
      if (line.atMs === undefined) untold += 1;
      return false;
    }
    if (from.stream === undefined) return false;
    return startedMs - (begun.atMs + initMs) > aheadMs;
  }

  /** The init of a report in JSON whose stream we don't know: the one that ended when it began, or else the oldest made ahead. */
  function takeStray(startedMs: number | undefined, initMs: number) {
    const fits = strays.findIndex(
      ({ atMs }) => atMs !== undefined && startedMs !== undefined && Math.abs(startedMs - atMs - initMs) <= aheadMs,
    );
    const at = fits === -1 ? strays.findIndex(({ initType }) => initType === 'provisioned-concurrency') : fits;
    return at === -1 ? undefined : strays.splice(at, 1)[0];
  }

  /** Counts a failed init that no report has told of. */
  function settleFailed(environment: Environment, name: string | undefined): void {
    const { failed } = environment;
    if (failed === undefined) return;
    environment.failed = undefined;
    count(name ?? environment.functionName ?? unknownFunction, failed.atMs, (tally) => {
      switch (failed.counts) {
        case 'ahead':
          tally.preInitialised += 1;
          break;
        case 're-init':
          tally.reInits += 1;
          break;
        case 'cold':
          tally.initReportOnly += 1;
          tally.inits.add(failed.initMs);
      }
    });
  }

  /** Counts something for a function and for all. */
  function count(name: string, atMs: number | undefined, add: (tally: Tally) => unknown): void {
    const period = periodOf(atMs) ?? (atMs === undefined ? now : undefined);
    if (period === undefined) return;
    see(atMs);
    add(period.all);
    add(period.of(name));
  }

  /** Notes something about a function only. */
  function note(name: string, atMs: number | undefined, add: (tally: Tally) => unknown): void {
    const period = periodOf(atMs);
    if (period !== undefined) add(period.of(name));
  }

  function see(atMs: number | undefined): void {
    if (atMs === undefined) return;
    if (firstMs === undefined || atMs < firstMs) firstMs = atMs;
    if (lastMs === undefined || atMs > lastMs) lastMs = atMs;
  }

  /** What was counted; nothing is read after that. */
  function end(): Counted {
    forgetOlder();
    forgetOlder();
    return {
      all: now.all,
      functions: now.functions,
      before: { all: before.all, functions: before.functions },
      missing,
      untold,
      firstMs,
      lastMs,
      hours,
    };
  }

  return { read, add, end };
}

function addReport(
  tally: Tally,
  { billedMs, durationMs, memoryMb }: Report,
  outcome: 'warm' | 'cold' | 'restored' | 'ahead' | 're-init',
  initMs: number | undefined,
): void {
  tally.invocations += 1;
  if (memoryMb > tally.memoryMb) tally.memoryMb = memoryMb;
  if (outcome === 'warm') return;
  tally.initGbMs += initGbMs(billedMs, durationMs, memoryMb);
  if (outcome === 'ahead') tally.preInitialised += 1;
  else if (outcome === 're-init') tally.reInits += 1;
  else {
    if (outcome === 'cold') tally.onDemand += 1;
    else tally.restored += 1;
    tally.inits.add(initMs ?? 0);
  }
}

interface Period {
  readonly all: Tally;
  readonly functions: ReadonlyMap<string, Tally>;
  of(name: string): Tally;
}

function newPeriod(): Period {
  const functions = new Map<string, Tally>();
  return {
    all: newTally(),
    functions,
    of: (name) => {
      const known = functions.get(name);
      if (known !== undefined) return known;
      const tally = newTally();
      functions.set(ownCopy(name), tally);
      return tally;
    },
  };
}

/**
 * The same text with memory of its own. A part of a string keeps the whole alive: to remember one word of each piece of a file
 * would be to keep the file.
 */
const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text));

/** Whether an init that ran again within the invocation is the one that failed just before. */
const isSameInit = (failed: { readonly phase: 'init' | 'invoke'; readonly end: LineEnd }, end: LineEnd): boolean =>
  failed.phase === 'init' &&
  (failed.end.kind === 'timeout' || (failed.end.kind === 'failed' && end.kind === 'failed' && failed.end.errorType === end.errorType));
