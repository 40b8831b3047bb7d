/** Markup that may go into a page as it is. */
export interface Html {
  readonly markup: string;
}

/** Markup whose inserted texts are escaped; inserted `Html` and lists of it are not escaped again. */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html => ({
  markup: String.raw({ raw: parts }, ...values.map(toMarkup)),
});

function toMarkup(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return 'markup' in value ? value.markup : value.map((part) => part.markup).join('');
}
