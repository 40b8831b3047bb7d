import { matches } from './wildcard.ts';

type Values = Readonly<Record<string, readonly string[]>>;

/** Whether all conditions of a statement hold for what AWS knows of a call. @throws for an operator we do not know */
export const conditionHolds = (conditions: Readonly<Record<string, Values>>, context: Values): boolean =>
  Object.entries(conditions).every(([operator, keys]) => {
    const test = testOf(operator);
    return Object.entries(keys).every(([key, wanted]) => test(wanted, context[key]));
  });

/** Of one key: the values the statement wants, and those the call has; undefined when AWS does not fill the key for this call. */
type Test = (wanted: readonly string[], given: readonly string[] | undefined) => boolean;

function testOf(operator: string): Test {
  if (operator === 'Null') return (wanted, given) => wanted.includes(String(given === undefined));
  const [, forAll, name = operator, ifExists] = /^(ForAllValues:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const isNegated = name === 'StringNotEquals';
  const isOne = comparison(isNegated ? 'StringEquals' : name, operator);
  return (wanted, given) => {
    // ForAllValues holds for none: that is why it comes with a Null.
    if (given === undefined) return forAll !== undefined || ifExists !== undefined || isNegated;
    const fits = (value: string) => wanted.some((one) => isOne(one, value));
    if (forAll !== undefined) return given.every(fits);
    if (given.length !== 1) throw new Error(`the condition ${operator} is asked of ${given.length} values: it takes ForAllValues`);
    return given.every(fits) !== isNegated;
  };
}

function comparison(name: string, operator: string): (wanted: string, value: string) => boolean {
  switch (name) {
    case 'StringEquals':
      return (wanted, value) => wanted === value;
    case 'Bool':
      return (wanted, value) => wanted.toLowerCase() === value.toLowerCase();
    case 'StringLike':
    case 'ArnLike':
    // AWS's own words: "ArnEquals and ArnLike behave identically".
    case 'ArnEquals':
      return matches;
    case 'NumericLessThanEquals':
      return (wanted, value) => Number(value) <= Number(wanted);
    default:
      throw new Error(`${operator} is a condition we do not know: teach it in src/local/iam/condition.ts`);
  }
}
