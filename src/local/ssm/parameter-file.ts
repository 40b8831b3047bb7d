import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';

const parameterSchema = v.object({
  name: v.string(),
  type: v.picklist(['String', 'StringList', 'SecureString']),
  value: v.string(),
  version: v.number(),
  /** ISO 8601. */
  lastModified: v.string(),
  description: v.exactOptional(v.string()),
  /** What a SecureString shows to someone who does not ask for decryption; says nothing of the value. */
  ciphertext: v.string(),
});

export type StoredParameter = Readonly<v.InferOutput<typeof parameterSchema>>;

const fileSchema = v.object({ parameters: v.array(parameterSchema) });

/** The parameters in a JSON file that only its owner can read. */
export function parameterFile(path: string) {
  const parameters = new Map<string, StoredParameter>();
  for (const parameter of read(path)) parameters.set(parameter.name, parameter);

  function put(parameter: Pick<StoredParameter, 'name' | 'type' | 'value' | 'description'>): StoredParameter {
    const stored: StoredParameter = {
      ...parameter,
      version: (parameters.get(parameter.name)?.version ?? 0) + 1,
      lastModified: new Date().toISOString(),
      ciphertext: `AQICAH${randomBytes(96).toString('base64')}`,
    };
    parameters.set(stored.name, stored);
    write(path, inOrder());
    return stored;
  }

  function remove(name: string): void {
    if (parameters.delete(name)) write(path, inOrder());
  }

  const inOrder = (): readonly StoredParameter[] => [...parameters.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));

  return { get: (name: string) => parameters.get(name), put, remove, inOrder };
}

function read(path: string): readonly StoredParameter[] {
  try {
    return v.parse(fileSchema, JSON.parse(readFileSync(path, 'utf8'))).parameters;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new Error(`the local world's parameters cannot be read from ${path}: repair the file or delete it`, { cause });
  }
}

function write(path: string, parameters: readonly StoredParameter[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const incoming = `${path}.${randomUUID()}`;
  writeFileSync(incoming, `${JSON.stringify({ parameters }, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(incoming, 0o600);
  renameSync(incoming, path);
}
