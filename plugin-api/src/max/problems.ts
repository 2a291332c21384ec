/** The stable codes of Max's problem documents; rig shows them as they are. */
export const PROBLEM_CODES = [
  'RIG_BAD_REQUEST',
  'RIG_BAD_NAME',
  'RIG_NOT_SIGNED_IN',
  'RIG_FORBIDDEN',
  'RIG_NOT_FOUND',
  'RIG_NETWORK_NOT_FOUND',
  'RIG_APP_NOT_FOUND',
  'RIG_DEPLOYMENT_NOT_FOUND',
  'RIG_BUILD_NOT_FOUND',
  'RIG_UPLOAD_NOT_FOUND',
  'RIG_TOKEN_NOT_FOUND',
  'RIG_KEY_NOT_FOUND',
  'RIG_SESSION_NOT_FOUND',
  'RIG_SESSION_ENDED',
  'RIG_INSTANCE_NOT_FOUND',
  'RIG_NO_INSTANCE',
  'RIG_TOO_MANY_SESSIONS',
  'RIG_BAD_KEY',
  'RIG_BAD_VALUE',
  'RIG_KEY_TAKEN',
  'RIG_RELEASE_NOT_FOUND',
  'RIG_RELEASE_CURRENT',
  'RIG_RELEASE_GONE',
  'RIG_NOTHING_RELEASED',
  'RIG_PROCESS_NOT_FOUND',
  'RIG_NOTHING_TO_RUN',
  'RIG_NAME_TAKEN',
  'RIG_NETWORK_NOT_EMPTY',
  'RIG_DEPLOY_IN_PROGRESS',
  'RIG_STALE',
  'RIG_IDEMPOTENCY_CONFLICT',
  'RIG_DIGEST_MISMATCH',
  'RIG_UPLOAD_INCOMPLETE',
  'RIG_TOO_LARGE',
  'RIG_STORAGE_FULL',
  'RIG_STORAGE_FAILED',
  'RIG_BUSY',
  'RIG_APP_NOT_DEPLOYED',
  'RIG_APP_UNAVAILABLE',
  'RIG_APP_STOPPED',
  'RIG_APP_NO_WEB',
  'RIG_BAD_GATEWAY',
  'RIG_GATEWAY_TIMEOUT',
  'RIG_PATTERN_TOO_SLOW',
  'RIG_HOST_KEY_UNREADABLE',
  'RIG_INTERNAL',
] as const;

/** One of {@link PROBLEM_CODES}. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** An error answer of Max: `application/problem+json` (RFC 9457). */
export interface Problem {
  /** `about:blank`, or a URI of the kind of problem. */
  type: string;
  /** The HTTP status. */
  status: number;
  /** The kind in a few words. */
  title: string;
  /** What happened, to which thing and why. */
  detail: string;
  /** Stable code. */
  code: ProblemCode;
  /** Id of the request, as in `x-request-id`. */
  requestId: string;
  /** The command or the step that mends it. */
  fix?: string;
}
