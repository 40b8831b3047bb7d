import type { AgainScenario } from '../outcome/again.ts';

/** What another run can run again of a run that has ended: the content of `again.json`. */
export interface Again {
  readonly version: 1;
  readonly scenarios: readonly AgainScenario[];
}
