/** `0.3 %`, `61 %`, `0 %`: as many digits as say something. */
export function percent(part: number): string {
  const value = part * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return 'under 0.01 %';
  if (value < 1) return `${trim(value.toFixed(2))} %`;
  return value < 10 ? `${trim(value.toFixed(1))} %` : `${Math.round(value)} %`;
}

const trim = (digits: string): string => digits.replace(/\.?0+$/, '');

/** A part of so many calls that was foreseen: `0.34 %`. Of what is nothing in most cases it says how much it may be: `under 0.1 %`. */
export function foreseenPercent({ middle, high }: { readonly middle: number; readonly high: number }, calls: number): string {
  if (middle > 0) return percent(middle);
  // None of a thousand calls is less than one in a thousand, and no more is known.
  const most = Math.max(high, calls > 0 ? 1 / calls : 1);
  const above = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((one) => one > most * 100);
  return above === undefined ? `up to ${percent(most)}` : `under ${above} %`;
}

/** `190 ms`, `1.4 s`. */
export function milliseconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${ms < 10_000 ? trim((ms / 1_000).toFixed(1)) : Math.round(ms / 1_000)} s`;
}

/** `$4.38`, `$0.002`, `under $0.001`. */
export function dollars(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 0.001) return 'under $0.001';
  return amount < 0.1
    ? `$${trim(amount.toFixed(3))}`
    : `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** `6 min`, `5.2 min`. */
export const minutes = (ms: number): string => `${trim((ms / 60_000).toFixed(1))} min`;

/** `1,234`. */
export const number = (value: number): string => Math.round(value).toLocaleString('en');

/** `41`, or `38 to 44` when it is not one number. */
export const between = ({ low, middle, high }: { readonly low: number; readonly middle: number; readonly high: number }): string =>
  low === high ? number(middle) : `${number(middle)} (${number(low)} to ${number(high)})`;

/** The same for parts. */
export const percentBetween = ({ low, middle, high }: { readonly low: number; readonly middle: number; readonly high: number }): string =>
  percent(low) === percent(high) ? percent(middle) : `${percent(middle)} (${percent(low)} to ${percent(high)})`;
