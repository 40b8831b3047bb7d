import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { chanceOf } from './chance.ts';

let chance = chanceOf(0);
let isReplaced = false;

/** Makes what the code under test takes from the system's chance (ids, owners' names) the same for the same seed. */
export function sameChance(seed: number): void {
  chance = chanceOf(seed ^ 0x5eed);
  if (isReplaced) return;
  isReplaced = true;
  crypto.randomUUID = () => `${chance.hex(8)}-${chance.hex(4)}-4${chance.hex(3)}-8${chance.hex(3)}-${chance.hex(12)}`;
  crypto.randomBytes = ((size: number) => Buffer.from(chance.hex(2 * size), 'hex')) as typeof crypto.randomBytes;
  syncBuiltinESMExports();
}
