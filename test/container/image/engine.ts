import { execFile, spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';

/** Docker, or Podman (which builds with Buildah): the same command line. */
export interface Engine {
  readonly name: string;
  /** @throws with the end of what the build said */
  build(options: readonly string[], context: string): Promise<void>;
  /** Runs a command in a fresh container as Fargate would, and gives what it printed. */
  run(image: string, options: RunOptions): Promise<Ran>;
  /** The image's layers, lowest first. */
  layers(image: string): Promise<readonly Layer[]>;
}

export interface RunOptions {
  /** In place of the image's own entry point. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Layer {
  /** As a registry keeps it: compressed by gzip. */
  readonly sizeBytes: number;
}

/**
 * `ENGINE` names one; else the first that answers.
 *
 * @throws saying what to install when none does
 */
export function findEngine(wanted: string | undefined): Engine {
  const names = wanted ? [wanted] : ['docker', 'podman'];
  const found = names.find((name) => spawnSync(name, ['info'], { stdio: 'ignore' }).status === 0);
  if (found === undefined)
    throw new Error(
      `No engine answers to \`info\` (tried: ${names.join(', ')}): start Docker, or install Podman (on Debian: apt-get install podman), or name one with ENGINE=….`,
    );
  return engine(found);
}

const mb = 1_048_576;

/**
 * What a container may do on Fargate, and no more: no capabilities, no privileges to gain, 64 MB of /dev/shm, an init process.
 * The host's network, as what a suite tests here listens on this machine's loopback.
 */
const asOnFargate = [
  '--rm',
  '--interactive',
  '--init',
  '--network=host',
  '--shm-size=64m',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  '--memory=4g',
  // What the image declares as volumes is writable, as in the task definition, and nothing else.
  '--read-only',
];

const engine = (name: string): Engine => ({
  name,
  build: async (options, context) => {
    await promisify(execFile)(name, ['build', ...options, context], {
      maxBuffer: 256 * mb,
      env: { ...process.env, DOCKER_BUILDKIT: '1' },
    }).catch((cause) => {
      throw new Error(`${name} build ${options.join(' ')} failed:\n${lastLines(`${cause.stdout}\n${cause.stderr}`)}`, { cause });
    });
  },
  run: async (image, { command, env = {}, stdin = '' }) => {
    const [entry, ...args] = command ?? [];
    const options = [
      ...asOnFargate,
      // Podman makes more places writable, unless it is told not to.
      ...(name.includes('podman') ? ['--read-only-tmpfs=false'] : []),
      ...Object.entries(env).map(([variable, value]) => `--env=${variable}=${value}`),
      ...(entry === undefined ? [] : [`--entrypoint=${entry}`]),
    ];
    const child = spawn(name, ['run', ...options, image, ...args], { stdio: 'pipe' });
    child.stdin.on('error', () => {}).end(stdin);
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  },
  layers: async (image) => {
    const folder = await mkdtemp(join(tmpdir(), 'coldframe-image-'));
    try {
      const archive = join(folder, 'image.tar');
      await promisify(execFile)(name, ['save', '--output', archive, image]);
      await promisify(execFile)('tar', ['-xf', archive, '-C', folder]);
      await rm(archive);
      const [manifest]: readonly { Layers: readonly string[] }[] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
      const sizes: Layer[] = [];
      for (const layer of manifest?.Layers ?? []) sizes.push({ sizeBytes: await compressedSize(join(folder, layer)) });
      return sizes;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

async function compressedSize(file: string): Promise<number> {
  if (await isGzip(file)) return (await stat(file)).size;
  let sizeBytes = 0;
  await pipeline(createReadStream(file), createGzip(), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) sizeBytes += part.length;
  });
  return sizeBytes;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.equals(Buffer.from([0x1f, 0x8b]));
  } finally {
    await file.close();
  }
}

const lastLines = (said: string): string => said.trim().split('\n').slice(-30).join('\n');
