// What serverless.yml takes from coldframe.yml: `${file(./src/local/stack/task-resources.cjs):resources}`.
// CommonJS, because that is what osls loads; the work is done in task-resources.ts.

/** @param {{ resolveVariable: (variable: string) => Promise<string> }} osls */
async function fromCatalogue({ resolveVariable }) {
  if (!process.features.typescript) {
    throw new Error(`osls runs on Node ${process.version}, which does not read TypeScript: start it with \`npx osls\` in this folder`);
  }
  const [{ readColdframeFile }, { checkNetwork, generatedParts }] = await Promise.all([
    import('../read-catalogue.ts'),
    import('./task-resources.ts'),
  ]);
  checkNetwork({ vpc: await resolveVariable("param:vpc, ''"), subnets: await resolveVariable("param:subnets, ''") });
  return generatedParts(await readColdframeFile(), await resolveVariable('sls:stage'));
}

module.exports = {
  resources: async (osls) => (await fromCatalogue(osls)).resources,
  taskDefinitionArns: async (osls) => (await fromCatalogue(osls)).taskDefinitionArns,
  taskRoleArns: async (osls) => (await fromCatalogue(osls)).taskRoleArns,
  mostCpu: async (osls) => (await fromCatalogue(osls)).mostCpu,
  mostMemory: async (osls) => (await fromCatalogue(osls)).mostMemory,
  oidcIssuer: async (osls) => (await fromCatalogue(osls)).oidcIssuer,
  oidcAudience: async (osls) => (await fromCatalogue(osls)).oidcAudience,
  functionLogArns: async (osls) => (await fromCatalogue(osls)).functionLogArns,
};
