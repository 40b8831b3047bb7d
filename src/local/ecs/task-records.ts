import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EcsTask } from './ecs-task.ts';

/** The tasks of the local ECS, one file each, so that a later life of the world knows them. */
export function taskRecords(dir: string) {
  mkdirSync(dir, { recursive: true });
  const fileOf = (id: string) => join(dir, `${id}.json`);

  /** Written at once and whole: what was answered must be found after a crash. */
  function save(task: EcsTask): void {
    const half = `${fileOf(task.id)}.half`;
    writeFileSync(half, JSON.stringify(task));
    renameSync(half, fileOf(task.id));
  }

  function load(): readonly EcsTask[] {
    const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
    return names.map((name): EcsTask => JSON.parse(readFileSync(join(dir, name), 'utf8')));
  }

  const forget = (id: string): void => rmSync(fileOf(id), { force: true });

  return { save, load, forget };
}
