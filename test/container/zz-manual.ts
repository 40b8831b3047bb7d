import { openContainerWorld, processesWith } from './container-world.ts';
import { execSync } from 'node:child_process';
const world = await openContainerWorld();
const v = process.argv[2];
const suite = `/tmp/exp/s${v}`;
for (let n = 1; n <= 6; n += 1) {
    const runId = `local-20261123-0700-${String(n).padStart(6, '0')}`;
    const c = await world.start({ suite, runId, plan: { tags: '@wait' }, env: { N: String(n) } });
    const t = setTimeout(() => { console.log('STUCK', c.output()); process.exit(1) }, 8000);
    await world.visited('/wait' + n); c.process.kill('SIGTERM'); console.log('killed');
    const end = await c.ended; clearTimeout(t);
    console.log(n, end, processesWith(runId));
}
await world.stop();
