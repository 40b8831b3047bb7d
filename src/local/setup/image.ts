/** The commands that build the image and push it for a stage, or copy the very image of another stage. */
export function imageCommands({
  stage,
  region,
  account,
  from,
}: {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
  /** The stage and the digest to copy; absent: a new image. */
  readonly from?: { readonly stage: string; readonly digest: string } | undefined;
}): readonly string[] {
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const target = `${registry}/coldframe-${stage}:latest`;
  const logIn = `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registry}`;
  if (from === undefined)
    return [
      logIn,
      `docker build --platform linux/amd64 -f container/Dockerfile -t ${target} .     # the example suite; your own: docs/suite.md`,
      `docker push ${target}`,
    ];
  const source = `${registry}/coldframe-${from.stage}@${from.digest}`;
  return [logIn, `docker pull ${source}`, `docker tag ${source} ${target}`, `docker push ${target}`];
}
