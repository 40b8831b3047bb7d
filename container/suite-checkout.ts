import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteSource } from '../src/run/catalogue.ts';
import { type Mask, maskOf } from './mask.ts';
import { removeFolder } from './remove-folder.ts';
import { type CommandEnd, runCommand } from './run-command.ts';
import type { Secrets } from './secrets.ts';

/** A suite as it is at a commit. */
export interface Checkout {
  /** The repository's folder. */
  readonly root: string;
  /** The suite's folder, in it. */
  readonly folder: string;
  /** Hash of the commit. */
  readonly commit: string;
  remove(): Promise<void>;
}

export interface CheckoutInput {
  readonly source: SuiteSource;
  readonly ref: string;
  /** `GIT_TOKEN` and, for hosts that care, `GIT_USERNAME` are used. */
  readonly secrets: Secrets;
  /** Environment variables of the container: where to find git, and how to get out. */
  readonly base: Readonly<Record<string, string | undefined>>;
  readonly secretsPath: string | undefined;
  readonly mark: string;
  readonly signal: AbortSignal;
}

const quickLimitMs = 20_000;
const fetchLimitMs = 120_000;

/**
 * Fetches one commit of the suite's repository into a fresh folder: what `ref` names now, without history, tags, submodules
 * and files of Git LFS.
 *
 * @throws one sentence about what is in the way, with what to do about it, and never the token
 */
export async function checkOutSuite(input: CheckoutInput): Promise<Checkout> {
  const root = await mkdtemp(join(tmpdir(), 'coldframe-suite-'));
  const remove = () => removeFolder(root);
  try {
    const commit = await fetchInto(root, input);
    const folder = join(root, input.source.path ?? '.');
    await mustBeFolder(folder, input);
    return { root, folder, commit, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fetchInto(root: string, input: CheckoutInput): Promise<string> {
  const { source, ref } = input;
  const isRef = await git(root, input, ['check-ref-format', '--allow-onelevel', ref]);
  if (isRef.kind === 'failed') throw new Error(`\`${ref}\` cannot be the name of a git ref, so nothing was fetched.`);
  must(isRef, input);
  must(await git(root, input, ['init', '--quiet', '.']), input);
  // One commit, nothing but it; what follows `--` is never read as an option.
  const depth = ['--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-commit-graph'];
  must(await git(root, input, ['fetch', '--quiet', ...depth, '--', source.repository, ref], fetchLimitMs), input);
  must(await git(root, input, ['checkout', '--quiet', '--detach', 'FETCH_HEAD'], fetchLimitMs), input);
  return must(await git(root, input, ['rev-parse', 'HEAD']), input).trim();
}

function git(root: string, input: CheckoutInput, args: readonly string[], limitMs = quickLimitMs): Promise<CommandEnd> {
  const { mark, signal } = input;
  return runCommand({ program: 'git', args, folder: root, environment: gitEnvironment(root, input), limitMs, signal, mark });
}

/** From the machine: the way to git and out of here. Nothing else of it decides what git does. */
const fromMachine = /^(?:PATH|(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|GIT_SSL_CAINFO)$/i;

/** The token is in here and nowhere else: not in an argument, a file, or the repository's configuration. */
function gitEnvironment(root: string, { base, secrets, source }: CheckoutInput): Readonly<Record<string, string>> {
  const kept = Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined && fromMachine.test(entry[0]));
  const { origin, protocol } = new URL(source.repository);
  const { GIT_TOKEN: token, GIT_USERNAME: username = 'x-access-token' } = secrets;
  const settings: readonly (readonly [string, string])[] = [
    ['core.hooksPath', '/dev/null'],
    ['core.autocrlf', 'false'],
    ['init.defaultBranch', 'main'],
    ['gc.auto', '0'],
    // A repository that sends nothing is not waited for until the limit.
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '30'],
    // For this host alone, wherever it may send us.
    ...(token ? [[`http.${origin}/.extraHeader`, `Authorization: Basic ${base64(`${username}:${token}`)}`] as const] : []),
  ];
  return {
    ...Object.fromEntries(kept),
    HOME: root,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_ALLOW_PROTOCOL: protocol.replace(':', ''),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the command wrote. @throws the sentence for what went wrong instead */
function must(end: CommandEnd, input: CheckoutInput): string {
  if (end.kind === 'done') return end.stdout;
  const { repository } = input.source;
  const fetching = `The suite cannot be fetched from ${repository}`;
  if (end.kind === 'missing') throw new Error(`${fetching}: there is no git in this image. Install it there, or leave out \`ref=\`.`);
  if (end.kind === 'late')
    throw new Error(`${fetching}: it took longer than ${fetchLimitMs / 1000} seconds. Is the host reachable from the task's subnet?`);
  const said = lastLines(end.output, maskOf(Object.values(input.secrets)));
  throw new Error(`${fetching}: ${because(said, input)}\n${said}`);
}

/** Git's own words, and what to do about them. */
function because(said: string, { ref, secrets, secretsPath }: CheckoutInput): string {
  const parameter = secretsPath === undefined ? '`GIT_TOKEN` below a `secretsPath` of the environment' : `\`${secretsPath}/GIT_TOKEN\``;
  if (/couldn't find remote ref|not our ref|no such ref/i.test(said)) return `it has no \`${ref}\`. Is it pushed, and spelled like this?`;
  if (/Authentication failed|could not read (?:Username|Password)|\b40[13]\b/i.test(said)) {
    return secrets.GIT_TOKEN
      ? `it does not accept the token in ${parameter}. It may have expired, or not be allowed to read this repository.`
      : `it asks who we are. Put a token that may read it into the SSM parameter ${parameter}.`;
  }
  if (/not found|\b404\b/i.test(said)) {
    return secrets.GIT_TOKEN
      ? 'there is no such repository, or the token may not see it.'
      : `there is no such repository, or it is private: then put a token into the SSM parameter ${parameter}.`;
  }
  if (/Could not resolve host/i.test(said)) return 'the name of its host is unknown.';
  if (/Failed to connect|Connection (?:refused|timed out)|Could not connect|Operation too slow/i.test(said))
    return "its host does not answer. Can the task's subnet and security group reach it?";
  if (/certificate|SSL/i.test(said)) return "its host's certificate is not trusted here.";
  if (/No space left/i.test(said)) return 'the disk is full.';
  return 'git failed.';
}

const lastLines = (output: string, mask: Mask): string => mask.text(output.trim()).split('\n').slice(-5).join('\n').slice(-1_000);

async function mustBeFolder(folder: string, { source, ref }: CheckoutInput): Promise<void> {
  const found = await stat(folder).catch(() => undefined); // not there: said below
  if (found?.isDirectory() !== true)
    throw new Error(`${source.repository} has no folder \`${source.path}\` at \`${ref}\`: \`suite.path\` in coldframe.yml names it.`);
}
