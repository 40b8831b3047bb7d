import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { EventEmitter } from 'node:stream';
import type * as Cucumber from '@cucumber/cucumber/api';
import type { Envelope } from '@cucumber/messages';
import type { Dealer } from './dealer.ts';

type Sources = Cucumber.IRunConfiguration['sources'];

/** What cucumber itself reads feature files with, the same since its version 8. */
interface GherkinStreams {
  fromPaths(paths: readonly string[], options: { newId: () => string; relativeTo: string; defaultDialect?: string }): EventEmitter;
}

/** A name that no scenario has: no paths at all would be read as all paths. */
const nothing = '(?!)';

/**
 * The sources with this shard's scenarios alone, for a cucumber before 12.5, which takes no plugins: named by file and line.
 * Sources that cannot be parsed are left as they are; cucumber says what is wrong.
 *
 * @param api of the suite's own cucumber, whose Gherkin is used
 */
export async function dealByLines(
  input: { readonly sources: Sources; readonly cwd: string; readonly api: string; readonly dealer: Dealer },
  loadSources: (sources: Sources) => ReturnType<typeof Cucumber.loadSources>,
): Promise<Sources> {
  const { sources, cwd, api, dealer } = input;
  const { plan, errors } = await loadSources(sources);
  if (errors.length > 0) return sources;
  const ids = await readPickles([...new Set(plan.map(({ uri }) => uri))].toSorted(), input);
  const wanted = new Set(plan.map(({ uri, location }) => `${uri}:${location.line}`));
  const own = dealer.ownOf(ids.filter((id) => wanted.has(dealer.placeOf(id) ?? '')).map((id) => ({ pickle: { id } })));
  const paths = own.flatMap(({ pickle }) => dealer.placeOf(pickle.id) ?? []);
  return paths.length === 0 ? { ...sources, names: [nothing] } : { ...sources, paths };

  async function readPickles(uris: readonly string[], { sources: { defaultDialect } }: { readonly sources: Sources }): Promise<string[]> {
    const found: string[] = [];
    if (uris.length === 0) return found;
    const { GherkinStreams: streams } = createRequire(api)('@cucumber/gherkin-streams') as { GherkinStreams: GherkinStreams };
    let last = 0;
    const stream = streams.fromPaths(uris, { newId: () => String(++last), relativeTo: cwd, defaultDialect });
    stream.on('data', (envelope: Envelope) => {
      dealer.see(envelope);
      if (envelope.pickle !== undefined) found.push(envelope.pickle.id);
    });
    await once(stream, 'end');
    return found;
  }
}
