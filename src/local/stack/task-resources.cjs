// What serverless.yml takes from coldframe.yml: `${file(./src/local/task-resources.cjs):resources}`.
// CommonJS, because that is what osls loads; the work is done in task-resources.ts.

/** @param {{ resolveVariable: (variable: string) => Promise<string> }} osls */
async function fromCatalogue({ resolveVariable }) {
  if (!process.features.typescript) {
    throw new Error(`osls runs on Node ${process.version}, which does not read TypeScript: start it with \`npx osls\` in this folder`);
  }
  const [{ readCatalogue }, { taskResources }] = await Promise.all([import('../read-catalogue.ts'), import('./task-resources.ts')]);
  return taskResources(await readCatalogue(), await resolveVariable('sls:stage'));
}

async function functionLogArns() {
  const [{ readColdframeFile }, { logArns }] = await Promise.all([import('../read-catalogue.ts'), import('./function-logs.ts')]);
  return logArns((await readColdframeFile()).coldStarts);
}

module.exports = {
  resources: async (osls) => (await fromCatalogue(osls)).resources,
  taskDefinitionArns: async (osls) => (await fromCatalogue(osls)).taskDefinitionArns,
  functionLogArns,
  taskRoleArns: async (osls) => (await fromCatalogue(osls)).taskRoleArns,
};
