/** `npm run test:all`: every row of the tables that `npm test` shortens, and all cases of each property. */
export const isEveryRow: boolean = process.env.COLDFRAME_TEST_ALL !== undefined;

/** Of a table whose rows differ in little: every one, or the first of each `step`. */
export const someOf = <Row>(rows: readonly Row[], step: number): readonly Row[] =>
  isEveryRow ? rows : rows.filter((_, index) => index % step === 0);

/** How many cases of a property are tried: other ones each time, so that many short runs see what a long one does. */
export const cases = (all: number): number => (isEveryRow ? all : Math.ceil(all / 6));
