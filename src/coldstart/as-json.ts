import type { Summary } from './summary.ts';
import type { Foreseen } from './what-if.ts';

/** A summary as JSON, for other programs. Names stay; new ones may come. */
export function summaryAsJson({ all, functions, before, firstMs, lastMs, untold, whatIf, advice, monthlyInitCost }: Summary) {
  return {
    version: 1,
    ...all,
    functions: Object.fromEntries(functions),
    ...(before !== undefined && { before: { ...before.all, functions: Object.fromEntries(before.functions) } }),
    ...(firstMs !== undefined && { from: new Date(firstMs).toISOString() }),
    ...(lastMs !== undefined && { to: new Date(lastMs).toISOString() }),
    ...(monthlyInitCost !== undefined && { monthlyInitCost }),
    untold,
    ...(whatIf !== undefined && {
      whatIf: {
        kind: whatIf.kind,
        backTest: whatIf.backTest,
        idleLifetime: { ...whatIf.lifetime, quantilesMs: undefined },
        ...(whatIf.kind === 'refused'
          ? { because: whatIf.because }
          : { provisioned: whatIf.kept, asIs: changeAsJson(whatIf.asIs), changes: whatIf.changes.map(changeAsJson) }),
      },
    }),
    advice,
  };
}

const changeAsJson = ({ byFunction, ...change }: Foreseen) => ({ ...change, byFunction: Object.fromEntries(byFunction) });
