import { ErrorCode, type WebClient } from '@slack/web-api';
import type { Message } from '../message/message.ts';

/** What came of telling Slack something. */
export type Told =
  | { readonly kind: 'told'; readonly ts: string; readonly channel: string }
  /** Slack refused for good: trying the same again would be refused again. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Slack is busy; nothing was said. */
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  /** No answer, or one that does not tell: it may have been said, and may yet appear. */
  | { readonly kind: 'unknown'; readonly error: string };

/** What a message of ours is about, carried as Slack message metadata, so that we find it again. */
export interface Subject {
  readonly event: 'coldframe_run' | 'coldframe_end';
  readonly runId: string;
}

/** Errors by which Slack says "not these blocks": the words are still worth saying. */
const blockErrors = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_attachments'];
/** How far back we look for a message of ours, in pages of 100. */
const maxPages = 5;

/** The bot's voice. The client must not retry by itself for long: `retryConfig`, `timeout` and `rejectRateLimitedCalls` are the door's to set. */
export function slackSay(client: WebClient) {
  /** Posts a message; `threadTs` makes it a reply. Should Slack refuse the blocks, the text alone is posted. */
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
    return told(channel, await withPlainText(message, send));
  }

  /** Replaces a message of ours. The metadata stays. */
  async function update(channel: string, ts: string, message: Message): Promise<Told> {
    const send = (blocks: Message['blocks']) => client.chat.update({ channel, ts, text: message.text, blocks: [...blocks] });
    return told(channel, await withPlainText(message, send));
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

  /** Takes a message of ours away; one that is gone already is fine. */
  async function remove(channel: string, ts: string): Promise<void> {
    try {
      await client.chat.delete({ channel, ts });
    } catch (error) {
      if (platformError(error) !== 'message_not_found') throw error;
    }
  }

  /** Answers only the person who asked, through Slack's response_url (five times within 30 minutes). */
  async function answer(responseUrl: string, text: string): Promise<void> {
    const response = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`Slack did not take the answer to the person who asked: HTTP ${response.status}`);
  }

  /** The people in a user group. */
  async function membersOf(userGroup: string): Promise<readonly string[]> {
    const { users } = await client.usergroups.users.list({ usergroup: userGroup });
    return users ?? [];
  }

  return { post, update, find, remove, answer, membersOf };
}

export type Say = ReturnType<typeof slackSay>;

interface Sent {
  readonly ts?: string | undefined;
  readonly channel?: string | undefined;
}

/** Sends the message; when Slack refuses the blocks, the text: a result is never lost to a layout. */
async function withPlainText(
  message: Message,
  send: (blocks: Message['blocks']) => Promise<Sent>,
): Promise<Sent | Exclude<Told, { kind: 'told' }>> {
  try {
    return await send(message.blocks);
  } catch (error) {
    if (!blockErrors.includes(platformError(error) ?? '')) return failure(error);
  }
  try {
    return await send([]);
  } catch (error) {
    return failure(error);
  }
}

function told(channel: string, sent: Sent | Exclude<Told, { kind: 'told' }>): Told {
  if ('kind' in sent) return sent;
  if (sent.ts === undefined) return { kind: 'unknown', error: 'Slack answered without a timestamp' };
  return { kind: 'told', ts: sent.ts, channel: sent.channel ?? channel };
}

function failure(error: unknown): Exclude<Told, { kind: 'told' }> {
  const platform = platformError(error);
  // Slack's own trouble, reported as an error of the platform, is not a refusal.
  if (platform !== undefined && !['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'].includes(platform)) {
    if (platform === 'ratelimited' || platform === 'rate_limited') return { kind: 'rate-limited', retryAfterS: 30 };
    return { kind: 'refused', error: platform };
  }
  if (hasCode(error) && error.code === ErrorCode.RateLimitedError) {
    return { kind: 'rate-limited', retryAfterS: 'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : 30 };
  }
  return { kind: 'unknown', error: error instanceof Error ? error.message : String(error) };
}

function platformError(error: unknown): string | undefined {
  if (!hasCode(error) || error.code !== ErrorCode.PlatformError || !('data' in error)) return undefined;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'error' in data && typeof data.error === 'string' ? data.error : undefined;
}

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';
