/**
 * The bucket's layout; nothing else knows it. First the lifetime, then the environment (a task's role covers its own
 * environment only), then the run.
 *
 * | prefix | what | lives |
 * | --- | --- | --- |
 * | `claims/` | plans and requests, written once (enforced by the bucket's policy) | 90 days |
 * | `state/` | run.json, ledger, what was said, the shards' own objects | 90 days |
 * | `messages/` | Cucumber messages in chunks, and attachments | 30 days |
 * | `reports/` | the report, and what stands beside it (`report-file.ts`) | 30 days |
 * | `audit/` | what was asked, by whom, and what came of it (`audit.ts`), written once | 400 days |
 * | `history/` | run.json of each run, and what is remembered of the last ones | stays |
 */
export const environmentKeys = (environment: string) => ({
  ledger: `state/${environment}/ledger.json`,
  /** What is remembered of the last runs, and of their scenarios: gzipped JSON. */
  history: `history/${environment}/runs.json.gz`,
  /** How it stands after its last runs: small, for messages. */
  standing: `history/${environment}/standing.json`,
  /** The page of its last runs. */
  historyPage: `history/${environment}/history.html`,
  /** Which runs nobody needs to ask for. */
  schedules: `history/${environment}/schedules.json`,
  /** How often its links were revoked: for good, like what they lead to. */
  links: `history/${environment}/links.json`,
  /** What its channels have heard, what is muted, and what they want to hear. */
  hearing: `history/${environment}/hearing.json`,
  /** What was said of what was held back: a digest. */
  digest: (hash: string) => `state/${environment}/digests/${hash}.json`,
  runs: `state/${environment}/runs/`,
  request: (keyHash: string) => `claims/${environment}/requests/${keyHash}.json`,
  /** Beside a request that was to become a run, and was refused before there was anything of it. */
  refusal: (keyHash: string) => `claims/${environment}/requests/${keyHash}-refused.json`,
  recent: (fingerprint: string) => `state/${environment}/recent/${fingerprint}.json`,
  /** Which run's report is the newest. */
  latest: `state/${environment}/latest.json`,
});

/** What was asked for over HTTP. No environment's name begins with `_`. `keyHash` stands for who asked and the idempotency key. */
export const httpKeys = {
  request: (keyHash: string) => `claims/_http/requests/${keyHash}.json`,
  accepted: (runId: string) => `claims/_http/runs/${runId}.json`,
};

/** What is kept of a person in Slack. No environment's name begins with `_`. */
export const personKeys = (userId: string) => ({
  /** What they asked for last. */
  asked: `state/_people/${userId}/asked.json`,
});

/** Who has opened the app's Home lately. */
export const homesKey = 'state/_people/homes.json';

/** Below it is a folder for each environment that ever had a run, and others whose names begin with `_`. */
export const allEnvironments = 'state/';

/** The keys of one run. */
export const runKeys = (environment: string, runId: string) => ({
  plan: `claims/${environment}/runs/${runId}/plan.json`,
  /** What the run's tasks are told of its scenarios, if only a part of them is each one's. */
  deal: `claims/${environment}/runs/${runId}/deal.json`,
  /** The plan of an adopted run as we made it; its container claims one for itself. */
  adopted: `state/${environment}/runs/${runId}/plan.json`,
  run: `state/${environment}/runs/${runId}/run.json`,
  /** What Slack was told, and what of it is confirmed. */
  said: `state/${environment}/runs/${runId}/said.json`,
  /** The report, or what stands beside it: one of `reportFiles`, or a part of Cucumber's own report. */
  reportFile: (file: string) => `reports/${environment}/${runId}/${file}`,
  judging: `state/${environment}/runs/${runId}/judging.json`,
  /** What another run can run again of it. */
  again: `state/${environment}/runs/${runId}/again.json`,
  history: `history/${environment}/${runId}.json`,
});

/**
 * The keys of one shard of a run.
 *
 * @param take which of its containers has written them, from 1: another one follows only where AWS has taken the one before back,
 * and what the two say must not be mixed
 */
export const shardKeys = (environment: string, runId: string, shard: number, take = 1) => {
  const ofShard = `messages/${environment}/${runId}/shards/${shard}`;
  const folder = take === 1 ? '' : `/take-${take}`;
  const state = `state/${environment}/runs/${runId}/shards/${shard}${folder}`;
  const messages = `${ofShard}${folder}`;
  return {
    progress: `${state}/progress.json`,
    result: `${state}/result.json`,
    stopped: `${state}/stopped.json`,
    messages: `${messages}/`,
    /** The whole deal as this shard has found it, gzipped. */
    deal: `${messages}/deal.json.gz`,
    /** Chunks count from 1. Each is whole lines of NDJSON, gzipped, closed for good. */
    chunk: (number: number) => `${messages}/${String(number).padStart(6, '0')}.ndjson.gz`,
    /** Of all takes: it is named by its content. */
    attachment: (name: string) => `${ofShard}/attachments/${name}`,
  };
};

/** Which shard a key of `progress.json` belongs to, or undefined for any other key. */
export const parseProgressKey = (key: string): { environment: string; runId: string; shard: number } | undefined => {
  const match = /^state\/([^/]+)\/runs\/([^/]+)\/shards\/([1-9]\d{0,2})\/(?:take-\d\/)?progress\.json$/.exec(key);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
  return { environment: match[1], runId: match[2], shard: Number(match[3]) };
};
