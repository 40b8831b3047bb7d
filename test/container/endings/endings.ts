import type { OutcomeKind } from '../../../src/outcome/outcome.ts';
import { browserEndings } from './browser-endings.ts';
import type { Attempt } from './endings-world.ts';
import { floodEndings } from './flood-endings.ts';
import { limitEndings } from './limit-endings.ts';
import { preFlightEndings } from './pre-flight-endings.ts';
import { suiteEndings } from './suite-endings.ts';
import { taskEndings } from './task-endings.ts';
import { verdictEndings } from './verdict-endings.ts';

/** A way a run can end, and what people are told of it. */
export interface Ending extends Attempt {
  /**
   * The name of the ending that comes about as this one does, through the same lines of the container, and ends with the same
   * outcome: so `npm test` really does that one only, and `npm run test:all` both. CONTRIBUTING.md says what else holds this one.
   */
  readonly like?: string;
  /** It is like no other, and left to `npm run test:all` all the same: why, in words. */
  readonly leftOut?: string;
  /** It takes long and little of the processor: the test begins with these. */
  readonly mostlyWaits?: true;
  /** What happens, in words for docs/endings.md. */
  readonly title: string;
  readonly kind: OutcomeKind;
  /** What the message or its thread must say. */
  readonly says: readonly (string | RegExp)[];
}

/** Every way a suite, a browser and Fargate can end a run, as far as we know: docs/endings.md is made of these. */
export const endings: readonly { readonly about: string; readonly all: readonly Ending[] }[] = [
  { about: 'Scenarios and hooks', all: verdictEndings },
  { about: 'Before the suite is started', all: preFlightEndings },
  { about: "The suite's own code", all: suiteEndings },
  { about: 'Too long', all: limitEndings },
  { about: 'Too much', all: floodEndings },
  { about: 'The browser', all: browserEndings },
  { about: 'The task, S3 and people', all: taskEndings },
];
