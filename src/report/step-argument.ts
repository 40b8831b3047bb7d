import { cut, plainText } from '../outcome/error-text.ts';
import { type Fields, fields, list, someFields, text } from '../outcome/fields.ts';

/** A step's data table or doc string. */
export interface StepArgument {
  readonly table?: readonly (readonly string[])[];
  readonly doc?: string;
}

const longestDoc = 5_000;
const mostRows = 50;
const mostColumns = 30;
const longestCell = 300;

const rowOf = (row: unknown): readonly string[] =>
  list(fields(row).cells)
    .slice(0, mostColumns)
    .map((cell) => cut(plainText(text(fields(cell).value) ?? ''), longestCell));

/** The argument of a pickle's step, cut to what a person looks at. */
export const readArgument = (argument: Fields): StepArgument => {
  const table = someFields(argument.dataTable);
  if (table !== undefined) {
    const rows = list(table.rows);
    const more = rows.length > mostRows ? [[`… and ${rows.length - mostRows} more rows`]] : [];
    return { table: [...rows.slice(0, mostRows).map(rowOf), ...more] };
  }
  const doc = text(fields(argument.docString).content);
  return doc === undefined ? {} : { doc: cut(plainText(doc), longestDoc) };
};
