declare const brand: unique symbol;
/** `staging-20261123-0412-k3f9qa`: environment, minute asked for (UTC), and a hash of the request's key. */
export type RunId = string & { readonly [brand]: 'RunId' };
