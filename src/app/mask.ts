/** Fields that are secrets by themselves, whatever they hold. */
const secretFields =
  /^(authorization|cookies?|set-cookie|token|bot_?token|[\w-]*signature|x-amz-security-token|trigger_?id|response_?urls?|ciphertext|password|secret)$/i;

/** What a secret looks like inside a text; the first group stays. */
const secretForms: readonly RegExp[] = [
  // Signatures of links: ours, and those that S3 signs.
  /([?&](?:s|X-Amz-(?:Signature|Credential|Security-Token))=)[^&\s"'|<>\\]+/g,
  /((?:commands|actions)\/T[A-Z0-9]+\/)[^\s"'|<>\\]+/g,
  /(\b(?:token|trigger_id|response_url)=)[^&\s"']+/g,
  /(\\?"(?:token|trigger_id|response_url|responseUrl)\\?":\s*\\?")[^"\\]+/g,
  /(\bBearer\s+)[\w.~+/=-]+/gi,
  /(\bxox[a-z]-)[\w-]+/g,
  /(\bv0=)[0-9a-f]{20,}/g,
  /(\bSignature=)[0-9a-f]{20,}/g,
  // A trigger_id, wherever it stands: it is part of a request's key.
  /((?<!\d)\d{9,}\.\d{9,}\.)[0-9a-f]{16,}/g,
];

const hidden = '•••';
/** Nothing of ours is nested so deep: who follows it further falls. */
const deepest = 100;

/** Gives what takes the secrets out of a text or of anything that is JSON: those of these values, and whatever looks like one. */
export function masking(secrets: readonly string[]) {
  const values = secrets.filter((secret) => secret.length >= 6);

  function text(given: string): string {
    const known = values.reduce((all, secret) => all.replaceAll(secret, hidden), given);
    return secretForms.reduce((all, form) => all.replace(form, `$1${hidden}`), known);
  }

  function value(given: unknown, depth = 0): unknown {
    if (typeof given === 'string') return text(given);
    if (typeof given !== 'object' || given === null) return given;
    if (depth > deepest) return hidden;
    if (Array.isArray(given)) return given.map((held) => value(held, depth + 1));
    return Object.fromEntries(
      Object.entries(given).map(([name, held]) => [text(name), isSecret(name, held) ? hidden : value(held, depth + 1)]),
    );
  }

  return { text, value: (given: unknown): unknown => value(given) };
}

/** A request's key as a log shows it: that of a command holds Slack's trigger_id. */
export const shownKey = masking([]).text;

/** An empty list of response_urls, or a yes or no, gives nothing away. */
function isSecret(name: string, held: unknown): boolean {
  return (
    secretFields.test(name) &&
    held !== null &&
    held !== undefined &&
    typeof held !== 'boolean' &&
    !(Array.isArray(held) && held.length === 0)
  );
}

export type Masking = ReturnType<typeof masking>;
