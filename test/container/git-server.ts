import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LocalServer, type Outgoing, serve } from '../../src/local/wire/http-server.ts';
import type { Files } from './container-world.ts';

/** A host of git repositories: git's own server behind a check of the token. */
export interface GitServer extends LocalServer {
  /** Commits these files on the branch of a repository, beside those of commits before, and gives the commit's hash. */
  push(repository: string, branch: string, files: Files): Promise<string>;
  /** Called while git waits for the answer that carries the commit. */
  onFetch: (() => Promise<void> | void) | undefined;
}

export const hasGit = ((): boolean => {
  try {
    execFileSync('git', ['--version']);
    return true;
  } catch {
    // no git on this machine
    return false;
  }
})();

/** Serves what is pushed below `folder` to whoever has the token; the repository `open.git` to everybody. */
export async function startGitServer(folder: string, token: string): Promise<GitServer> {
  const accepted = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const git = (args: readonly string[], cwd: string) =>
    execFileSync('git', [...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    });
  let self: GitServer | undefined;
  const server = await serve(async ({ method, url, headers, body }) => {
    const isOpen = url.pathname.startsWith('/open.git/');
    if (!isOpen && headers.authorization === undefined)
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="git"' }, body: 'who are you?' };
    if (!isOpen && headers.authorization !== accepted) return { status: 403, body: 'not with this token' };
    if (url.pathname.endsWith('/git-upload-pack')) await self?.onFetch?.();
    return await backend(
      folder,
      {
        REQUEST_METHOD: method,
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: headers['content-type'] ?? '',
        CONTENT_LENGTH: String(body.length),
        HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      },
      body,
    );
  });

  async function push(repository: string, branch: string, files: Files): Promise<string> {
    const work = join(folder, `${repository}-${branch.replaceAll('/', '-')}`);
    await mkdir(work, { recursive: true });
    git(['init', '--quiet', '--initial-branch', branch, '.'], work);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(work, name)), { recursive: true });
      await writeFile(join(work, name), content);
    }
    git(['add', '--all', '--force'], work);
    git(['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'a suite'], work);
    git(['init', '--quiet', '--bare', repository], folder);
    git(['push', '--quiet', join(folder, repository), branch], work);
    return git(['rev-parse', 'HEAD'], work).trim();
  }

  self = { ...server, push, onFetch: undefined };
  return self;
}

/** Git's server is a CGI program: headers, an empty line, the body. */
async function backend(folder: string, request: Record<string, string>, body: Buffer): Promise<Outgoing> {
  const cgi = spawn('git', ['http-backend'], {
    env: { PATH: process.env.PATH ?? '', HOME: folder, GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', ...request },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // a client that goes away takes git's server with it, perhaps before it has read the request
  cgi.stdin.on('error', () => {}).end(body);
  const [output] = await Promise.all([Array.fromAsync(cgi.stdout).then((parts) => Buffer.concat(parts as Buffer[])), once(cgi, 'close')]);
  const end = output.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(
    output
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const { status = '200', ...others } = headers;
  return { status: Number.parseInt(status, 10), headers: others, body: output.subarray(end + 4) };
}

/** The command lines of all processes, and the programs that have `text` in their environment. */
export function processTable(text: string): { readonly commandLines: readonly string[]; readonly knowing: readonly string[] } {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1');
    } catch {
      // it has just ended, or is not ours
      return '';
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return {
    commandLines: pids.map((pid) => read(pid, 'cmdline').replaceAll('\0', ' ')),
    knowing: pids.filter((pid) => read(pid, 'environ').includes(text)).map((pid) => read(pid, 'comm').trim()),
  };
}
