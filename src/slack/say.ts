import { setTimeout as pause } from 'node:timers/promises';
import type { KnownBlock, ModalView } from '@slack/types';
import { ErrorCode, type WebClient } from '@slack/web-api';
import * as v from 'valibot';
import type { Home } from '../message/home.ts';
import type { Message } from '../message/message.ts';
import { briefForm, simplerForms, wellFormed } from '../message/simpler.ts';

/** What came of telling Slack something. */
export type Told =
  /** `isCut`: Slack refused some of the blocks, or all, and was told the same in others, or in words. */
  | { readonly kind: 'told'; readonly ts: string; readonly channel: string; readonly isCut: boolean }
  /** Slack refused for good: trying the same again would be refused again. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Nothing was said, for a reason that will pass: Slack is busy, or does not accept our token. */
  | { readonly kind: 'not-now'; readonly because: string }
  /** No answer, or one that does not tell: it may have been said, and may yet appear. */
  | { readonly kind: 'unknown'; readonly error: string };

/** What a message of ours is about, carried as Slack message metadata, so that we find it again. */
export interface Subject {
  readonly event: 'coldframe_run' | 'coldframe_end' | 'coldframe_cold_starts' | 'coldframe_schedule' | 'coldframe_digest';
  readonly runId: string;
}

/** Errors by which Slack says "not these blocks": the words are still worth saying. */
const blockErrors = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_attachments'];
/** … and of a modal or a Home, whose blocks are a part of their one argument. */
const viewErrors = [...blockErrors, 'invalid_arguments', 'view_too_large'];
/** Errors by which Slack says that it does not know us (any more): they say nothing about what we wanted to say. */
const tokenErrors = ['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired', 'org_login_required'];
/** What became of a picture that was to be uploaded. */
export type Uploaded = { readonly kind: 'uploaded'; readonly fileId: string } | { readonly kind: 'refused'; readonly because: string };

/** What Slack says of a picture's file that it has, and still processes. */
const isInProcess = 'invalid slack file';
/** How long we wait for that, before each further try: it takes Slack about a second. */
const processPausesMs = [300, 600, 1_200, 2_400];
/** How far back we look for a message of ours, in pages of 100. */
const maxPages = 5;

/** The bot's voice. The client must be one with the settings `once`. */
export function slackSay(client: WebClient) {
  /** Posts a message; `threadTs` makes it a reply. Should Slack refuse the blocks, as much as it takes is posted. */
  async function post(channel: string, message: Message, subject: Subject, threadTs?: string): Promise<Told> {
    const send = (blocks: Message['blocks']) =>
      client.chat.postMessage({
        channel,
        text: message.text,
        ...(blocks.length > 0 && { blocks: [...blocks] }),
        ...(threadTs !== undefined && { thread_ts: threadTs }),
        metadata: { event_type: subject.event, event_payload: { run_id: subject.runId } },
        unfurl_links: false,
        unfurl_media: false,
      });
    return told(channel, await withLess(message, send));
  }

  /** Replaces a message of ours. The metadata stays. */
  async function update(channel: string, ts: string, message: Message): Promise<Told> {
    const send = (blocks: Message['blocks']) => client.chat.update({ channel, ts, text: message.text, blocks: [...blocks] });
    return told(channel, await withLess(message, send));
  }

  /**
   * Our messages about a subject since `sinceMs`, oldest first: in the channel, or in a thread. Undefined when Slack does
   * not let us look (`chat:write.public` lets us post where we are no member, but not read).
   *
   * @throws when Slack does not answer
   */
  async function find(channel: string, subject: Subject, sinceMs: number, threadTs?: string): Promise<readonly string[] | undefined> {
    try {
      return await findAll(channel, subject, sinceMs, threadTs);
    } catch (error) {
      if (['not_in_channel', 'channel_not_found', 'missing_scope', 'thread_not_found'].includes(platformError(error) ?? ''))
        return undefined;
      throw error;
    }
  }

  async function findAll(channel: string, subject: Subject, sinceMs: number, threadTs?: string): Promise<readonly string[]> {
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const common = { channel, oldest: String(sinceMs / 1000), limit: 100, include_all_metadata: true, ...(cursor && { cursor }) };
      const answer =
        threadTs === undefined
          ? await client.conversations.history(common)
          : await client.conversations.replies({ ...common, ts: threadTs });
      for (const { ts, metadata } of answer.messages ?? []) {
        const payload: { run_id?: unknown } = metadata?.event_payload ?? {};
        if (ts !== undefined && metadata?.event_type === subject.event && payload.run_id === subject.runId) found.push(ts);
      }
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) break;
    }
    return found.toSorted((a, b) => Number(a) - Number(b));
  }

  /** Takes a message of ours away; one that is gone already, or that Slack won't have taken away, is left as it is. */
  async function remove(channel: string, ts: string): Promise<void> {
    try {
      await client.chat.delete({ channel, ts });
    } catch (error) {
      if (failure(error).kind !== 'refused') throw error;
    }
  }

  /**
   * Answers only the person who asked, through Slack's response_url (five times within 30 minutes): false when Slack won't
   * have it (any more). @throws when Slack can't be reached, or is busy
   */
  async function answer(
    responseUrl: string,
    said: string | Message,
    { replacesOriginal = false }: { readonly replacesOriginal?: boolean } = {},
  ): Promise<boolean> {
    // The error of a fetch would hold it, and it is a secret.
    if (!URL.canParse(responseUrl)) return false;
    const { text, ...rest }: Message = typeof said === 'string' ? { text: said, blocks: [] } : said;
    const blocks = wellFormed(rest.blocks);
    const plainest = simplerForms(blocks).at(-1);
    // Each try counts among the five.
    for (const form of [blocks, ...(plainest === undefined ? [] : [plainest]), ...(blocks.length > 0 ? [[]] : [])]) {
      const response = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ response_type: 'ephemeral', replace_original: replacesOriginal, text },
          ...(form.length > 0 && { blocks: form }),
        }),
        signal: AbortSignal.timeout(5_000),
      });
      const isMomentary = response.status >= 500 || response.status === 429;
      if (isMomentary) throw new Error(`Slack did not take the answer to the person who asked: HTTP ${response.status}`);
      if (response.ok) return true;
      const because = await response.text();
      if (!blockErrors.some((error) => because.includes(error))) return false;
    }
    return false;
  }

  /**
   * Tells one person something: in the channel where they are, so that nobody else sees it, or else as a message to them alone.
   * False when Slack won't have either. @throws when Slack can't be reached, or is busy
   */
  async function whisper({ channel, userId, threadTs }: Whispered, { text, blocks }: Message): Promise<boolean> {
    const forms = [blocks, ...simplerForms(blocks), []];
    const said = (form: Message['blocks']) => ({ text, ...(form.length > 0 && { blocks: [...form] }) });
    if (channel !== undefined) {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      if (await taken(forms, blockErrors, (form) => client.chat.postEphemeral({ channel, user: userId, ...said(form), ...thread })))
        return true;
    }
    return await taken(forms, blockErrors, (form) =>
      client.chat.postMessage({ channel: userId, ...said(form), unfurl_links: false, unfurl_media: false }),
    );
  }

  /** Where the message can be looked at, or undefined when Slack won't say. */
  async function linkTo(channel: string, ts: string): Promise<string | undefined> {
    try {
      return (await client.chat.getPermalink({ channel, message_ts: ts })).permalink;
    } catch (error) {
      if (failure(error).kind === 'refused') return undefined;
      throw error;
    }
  }

  /** Shows another modal in the place of one that is open: false when it is not open any more. @throws when Slack can't be reached */
  const updateView = (viewId: string, view: ModalView): Promise<boolean> =>
    // The types allow for blocks that they do not know; ours are not among them.
    taken(viewForms(view.blocks as readonly KnownBlock[]), viewErrors, (blocks) =>
      client.views.update({ view_id: viewId, view: { ...view, blocks: [...blocks] } }),
    );

  /**
   * Uploads a picture, which messages may then show by the file's id. It is nobody's but ours until one does: it is not shared.
   * A picture is never worth failing for: whatever goes wrong is a sentence.
   *
   * @see https://docs.slack.dev/messaging/working-with-files
   */
  async function upload(filename: string, title: string, content: Uint8Array<ArrayBuffer>): Promise<Uploaded> {
    try {
      const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({ filename, length: content.length });
      if (url === undefined || id === undefined) return { kind: 'refused', because: 'Slack gave no address to upload to' };
      const took = await fetch(url, { method: 'POST', body: content, signal: AbortSignal.timeout(5_000) });
      if (!took.ok) return { kind: 'refused', because: `the upload was answered with HTTP ${took.status}` };
      await client.files.completeUploadExternal({ files: [{ id, title }] });
      return { kind: 'uploaded', fileId: id };
    } catch (error) {
      return { kind: 'refused', because: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The people in a user group, or undefined when Slack won't tell us: no such group, or we lack the scope. */
  async function membersOf(userGroup: string): Promise<readonly string[] | undefined> {
    try {
      const { users } = await client.usergroups.users.list({ usergroup: userGroup });
      return users ?? [];
    } catch (error) {
      if (failure(error).kind === 'refused') return undefined;
      throw error;
    }
  }

  /** Shows a person their Home: false when Slack will not have it. @throws when Slack does not take it now */
  const publishHome = (userId: string, { type, blocks }: Home): Promise<boolean> =>
    taken(viewForms(blocks), viewErrors, (form) => client.views.publish({ user_id: userId, view: { type, blocks: [...form] } }));

  return { post, publishHome, update, find, remove, answer, whisper, linkTo, updateView, upload, membersOf };
}

const viewForms = (blocks: Message['blocks']): readonly Message['blocks'][] => [blocks, ...simplerForms(blocks)];

/** Whether Slack took one of these forms; not when it refused for good. @throws when it is busy, or did not answer */
async function taken(
  forms: readonly Message['blocks'][],
  errors: readonly string[],
  call: (blocks: Message['blocks']) => Promise<unknown>,
): Promise<boolean> {
  for (const form of forms) {
    try {
      await call(wellFormed(form));
      return true;
    } catch (error) {
      if (failure(error).kind !== 'refused') throw error;
      if (!errors.includes(platformError(error) ?? '')) return false;
    }
  }
  return false;
}

/** To whom something is said, and where. */
interface Whispered {
  /** Absent: nowhere in particular. */
  readonly channel?: string | undefined;
  readonly userId: string;
  readonly threadTs?: string | undefined;
}

export type Say = ReturnType<typeof slackSay>;

interface Sent {
  readonly ts?: string | undefined;
  readonly channel?: string | undefined;
  readonly isCut?: boolean;
}

/**
 * Sends the message; when Slack refuses the blocks, in ever simpler ones (it refuses all of them for a picture that it cannot fetch, or for
 * one kind that it does not take), then the text alone: a result is never lost to a layout.
 */
async function withLess(
  message: Message,
  send: (blocks: Message['blocks']) => Promise<Sent>,
): Promise<Sent | Exclude<Told, { kind: 'told' }>> {
  const blocks = wellFormed(message.blocks);
  const brief = briefForm(blocks);
  let isTooLong = false;
  for (const form of [blocks, ...simplerForms(blocks), brief]) {
    // Another form of too much is too much; the short one is only for that.
    if (isTooLong !== (form === brief)) continue;
    try {
      return { ...(await onceProcessed(() => send(form))), isCut: form !== blocks };
    } catch (error) {
      if (!blockErrors.includes(platformError(error) ?? '')) return failure(error);
      isTooLong = platformError(error) === 'msg_blocks_too_long';
    }
  }
  try {
    return { ...(await send([])), isCut: true };
  } catch (error) {
    return failure(error);
  }
}

/** Sends again while Slack processes a file: it has refused the message, so nothing is said twice. */
async function onceProcessed(send: () => Promise<Sent>): Promise<Sent> {
  for (const pauseMs of processPausesMs) {
    try {
      return await send();
    } catch (error) {
      const { messages } = dataOf(error)?.response_metadata ?? {};
      if (!messages?.some((one) => one.includes(isInProcess))) throw error;
      await pause(pauseMs);
    }
  }
  return await send();
}

function told(channel: string, sent: Sent | Exclude<Told, { kind: 'told' }>): Told {
  if ('kind' in sent) return sent;
  if (sent.ts === undefined) return { kind: 'unknown', error: 'Slack answered without a timestamp' };
  return { kind: 'told', ts: sent.ts, channel: sent.channel ?? channel, isCut: sent.isCut === true };
}

function failure(error: unknown): Exclude<Told, { kind: 'told' }> {
  const platform = platformError(error);
  // Slack's own trouble, reported as an error of the platform, is not a refusal.
  if (platform !== undefined && !['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'].includes(platform)) {
    if (platform === 'ratelimited' || platform === 'rate_limited') return { kind: 'not-now', because: 'Slack asks us to wait' };
    if (tokenErrors.includes(platform)) return { kind: 'not-now', because: `Slack does not accept our token (${platform})` };
    return { kind: 'refused', error: platform };
  }
  if (hasCode(error) && error.code === ErrorCode.RateLimitedError) {
    return { kind: 'not-now', because: `Slack asks us to wait ${'retryAfter' in error ? `${error.retryAfter} s` : ''}`.trim() };
  }
  return { kind: 'unknown', error: error instanceof Error ? error.message : String(error) };
}

const platformError = (error: unknown): string | undefined => dataOf(error)?.error;

/** What Slack answered, when it refused. */
function dataOf(error: unknown): PlatformData | undefined {
  if (!hasCode(error) || error.code !== ErrorCode.PlatformError || !('data' in error)) return undefined;
  const parsed = v.safeParse(platformData, error.data);
  return parsed.success ? parsed.output : undefined;
}

const platformData = v.object({
  error: v.optional(v.string()),
  response_metadata: v.optional(v.object({ messages: v.optional(v.array(v.string())) })),
});
type PlatformData = v.InferOutput<typeof platformData>;

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';
