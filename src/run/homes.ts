/** Who has opened their Home lately: it follows what happens. */
export interface Homes {
  readonly version: 1;
  /** The newest last. */
  readonly opened: readonly { readonly userId: string; readonly at: string }[];
}
