import type { Role } from '../iam/policy.ts';

/**
 * The deployed stack as `serverless.yml` describes it, with the local world's physical names filled in:
 * what the local EventBridge, SQS, Lambda and API Gateway act upon.
 */
export interface Stack {
  readonly functions: readonly StackFunction[];
  readonly rules: readonly StackRule[];
  readonly queues: readonly StackQueue[];
  /** Those of the functions and of the tasks. */
  readonly roles: readonly Role[];
}

export interface StackFunction {
  /** The key in serverless.yml: `http`. */
  readonly name: string;
  /** `coldframe-local-http`. */
  readonly functionName: string;
  /** File and export: `dist/http.handler`. */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The logical id of its role: `HttpRole`. */
  readonly role: string;
  /** HTTP API routes that lead here: `POST /slack/events`, `GET /reports/{proxy+}`, `$default`. */
  readonly routes: readonly string[];
  /** Those of `routes` that take only requests with a token. */
  readonly authorizers?: Readonly<Record<string, JwtAuthorizer>>;
  /** Queues that feed it. */
  readonly queues: readonly { readonly queueName: string; readonly batchSize: number; readonly reportsItemFailures: boolean }[];
  /** Retries of an asynchronous invocation after an error of the function. */
  readonly asyncRetries: number;
  /** An asynchronous invocation that has waited longer is not made any more. */
  readonly asyncMaxAgeS: number;
  /** Where an asynchronous invocation goes that failed for good. */
  readonly onFailure?: { readonly queueName: string };
}

export interface StackRule {
  readonly name: string;
  /** `default` or the name of our own bus. */
  readonly bus: string;
  /** An EventBridge pattern, or a schedule in milliseconds. */
  readonly when: { readonly kind: 'pattern'; readonly pattern: unknown } | { readonly kind: 'every'; readonly periodMs: number };
  readonly targets: readonly StackTarget[];
}

/** Who gets what a rule matches, and what becomes of it when it cannot be handed over. */
export type StackTarget = (
  | { readonly kind: 'function'; readonly name: string }
  /** `input`: what it gets instead of the event. */
  | { readonly kind: 'queue'; readonly queueName: string; readonly input?: string }
) & {
  readonly retry: { readonly maxAgeS: number; readonly maxAttempts: number };
  readonly deadLetters?: { readonly queueName: string };
};

export interface StackQueue {
  readonly queueName: string;
  readonly visibilityTimeoutS: number;
  readonly redrive?: { readonly queueName: string; readonly maxReceiveCount: number };
}

/** Whose tokens (OIDC) a route of the HTTP API takes. */
export interface JwtAuthorizer {
  readonly issuer: string;
  /** A token is made for one of these. */
  readonly audience: readonly string[];
}
