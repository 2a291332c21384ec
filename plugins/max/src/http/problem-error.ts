import type { ProblemCode } from '@rig/plugin-api/max';

/** An answer that refuses a request: thrown by a handler or the logic below it, sent as `application/problem+json`. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly fix: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what happened, to which thing and why; one sentence, never a secret */
  constructor(
    status: number,
    code: ProblemCode,
    detail: string,
    options: { fix?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.fix = options.fix;
    this.headers = options.headers ?? {};
  }
}
