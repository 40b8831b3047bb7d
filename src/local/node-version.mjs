// Says in one sentence that this Node is too old for Coldframe, before anything else can fail in a way nobody understands.
// The first command of the npm scripts. Plain JavaScript that any Node since 12 can parse: TypeScript is what it cannot run.

/** The first with `import.meta.main`. Types are erased without a flag since 22.18. */
const oldest = [24, 2];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  const machine = `${process.platform} ${process.arch}`;
  const hasPackage = ['linux x64', 'linux arm64'].includes(machine);
  const wayOut = hasPackage
    ? `"npm ci" brings one along for this machine as the optional package node-${machine.replace(' ', '-')}, so run "npm ci" without ` +
      '--omit=optional and start Coldframe with "npm start" or "npm run …", or install Node 24 (https://nodejs.org).'
    : `"npm ci" brings one along for Linux on x64 and arm64 only, as an optional package, and this machine is ${machine}, ` +
      'so please install Node 24 (https://nodejs.org).';
  console.error(`Coldframe needs Node ${oldest.join('.')} or later, and this is Node ${process.versions.node}: ${wayOut}`);
  process.exit(1);
}
