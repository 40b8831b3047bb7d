import { serve } from '../../../src/local/wire/http-server.ts';
import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

const files = aSuite({ first: ['all is well'] });

/** An address where nobody listens any more. */
async function nobody(): Promise<string> {
  const gone = await serve(() => ({ status: 200 }));
  await gone.stop();
  return gone.url;
}

/** What keeps a suite from being started at all. */
export const preFlightEndings: readonly Ending[] = [
  {
    name: 'refuses',
    title: 'the environment refuses connections',
    files,
    environment: { url: await nobody() },
    kind: 'broken',
    says: ['could not run', 'refuses connections', 'Nothing was run'],
  },
];
