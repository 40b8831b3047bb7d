import { interact } from '../src/app/interact.ts';

/** Forms, shortcuts and mentions. Loaded when they are first needed. */
export const formDoor = interact;
