import { BatchGetImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import * as v from 'valibot';
import type { Finding } from './finding.ts';
import type { AwsClients, Patient } from './patient.ts';

const about = 'image';
const tag = 'latest';
/** What the task definitions ask for (X86_64), in an image's words. */
const wanted = 'amd64';

const index = v.object({ manifests: v.array(v.object({ platform: v.optional(v.object({ architecture: v.string() })) })) });
const single = v.object({ config: v.object({ digest: v.string() }) });
const configuration = v.object({ architecture: v.string() });

/** There is an image for the tasks, and it is one for their processor. */
export async function image({ aws, stage }: Patient): Promise<readonly Finding[]> {
  const repositoryName = `coldframe-${stage}`;
  const answer = await aws.ecr.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: tag }], acceptedMediaTypes: [...manifestTypes] }),
  );
  const [found] = answer.images ?? [];
  const remedy = `npm run coldframe -- setup image --stage ${stage} says how to build and push one`;
  if (found?.imageManifest === undefined)
    return [{ kind: 'ill', about, says: `the repository ${repositoryName} has no image ${tag}: no task can start`, remedy }];
  const architectures = await architecturesOf(JSON.parse(found.imageManifest), repositoryName, aws);
  const digest = found.imageId?.imageDigest ?? '';
  if (architectures.includes(wanted))
    return [{ kind: 'well', about, says: `${repositoryName}:${tag} is there, for ${wanted} (${digest.slice(0, 19)}…)` }];
  const says = `${repositoryName}:${tag} is for ${architectures.join(', ') || 'no processor we know'}; tasks run on ${wanted}`;
  return [{ kind: 'ill', about, says, remedy: `build it with --platform linux/${wanted}; ${remedy}` }];
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Of an index, all it has; of a single image, what its configuration says. */
async function architecturesOf(manifest: unknown, repositoryName: string, { ecr }: AwsClients): Promise<readonly string[]> {
  const many = v.safeParse(index, manifest);
  if (many.success) return many.output.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platform.architecture]));
  const { config } = v.parse(single, manifest);
  const { downloadUrl = '' } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: config.digest }));
  const response = await fetch(downloadUrl, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`ECR did not give the configuration ${config.digest} of the image: HTTP ${response.status}`);
  return [v.parse(configuration, await response.json()).architecture];
}
