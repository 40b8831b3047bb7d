/** A route of an HTTP API. */
export interface Route {
  /** As in serverless.yml: `GET /reports/{proxy+}`, `ANY /x`, `$default`. */
  readonly key: string;
  readonly functionName: string;
}

export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

type Segment = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' | 'rest'; readonly name: string };

interface ParsedRoute {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly Segment[];
}

/**
 * Finds the route of a request as an HTTP API does: the most specific path first, then the method before `ANY`, `$default` last.
 *
 * @throws for a route that is none, or is there twice
 */
export function routeFinder(routes: readonly Route[]): (method: string, path: string) => RouteMatch | undefined {
  const twice = routes.find(({ key }, index) => routes.findIndex((other) => other.key === key) !== index);
  if (twice !== undefined) throw new Error(`the route ${twice.key} is there twice`);
  const fallback = routes.find(({ key }) => key === '$default');
  const parsed = routes
    .filter((route) => route !== fallback)
    .map(parseRoute)
    .sort((a, b) => compare(rank(a), rank(b)));

  return (method, path) => {
    for (const { route, method: wanted, segments } of parsed) {
      const pathParameters = wanted === method || wanted === 'ANY' ? matchPath(segments, path) : undefined;
      if (pathParameters !== undefined) return { route, pathParameters };
    }
    return fallback === undefined ? undefined : { route: fallback, pathParameters: {} };
  };
}

function parseRoute(route: Route): ParsedRoute {
  const [, method, path] = /^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/(\S*)$/.exec(route.key) ?? [];
  if (method === undefined || path === undefined) throw new Error(`${route.key} is no route: METHOD /path, or $default`);
  const segments = path.split('/').map((text) => parseSegment(text, route));
  if (segments.slice(0, -1).some(({ kind }) => kind === 'rest')) throw new Error(`${route.key}: {…+} may only stand at the end`);
  return { route, method, segments };
}

function parseSegment(text: string, { key }: Route): Segment {
  const [, name, plus] = /^\{([\w.:-]+)(\+?)\}$/.exec(text) ?? [];
  if (name !== undefined) return { kind: plus === '+' ? 'rest' : 'one', name };
  if (/[{}]/.test(text)) throw new Error(`${key}: a variable is a whole segment, {name} or {name+}`);
  return { kind: 'literal', text };
}

/** Segment by segment, the more specific has the lower number. */
const rank = ({ segments, method }: ParsedRoute): readonly number[] => [
  ...segments.map(({ kind }) => ['literal', 'one', 'rest'].indexOf(kind)),
  method === 'ANY' ? 1 : 0,
];

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function matchPath(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  const parts = path.slice(1).split('/');
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = segment.kind === 'rest' ? parts.slice(index).join('/') : parts[index];
    if (part === undefined) return undefined;
    if (segment.kind === 'literal' && segment.text !== part) return undefined;
    if (segment.kind !== 'literal' && part === '') return undefined;
    if (segment.kind !== 'literal') parameters[segment.name] = decodeURIComponent(part);
    if (segment.kind === 'rest') return parameters;
  }
  return parts.length === segments.length ? parameters : undefined;
}
