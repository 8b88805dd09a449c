/** An answer that is an error. */
export class PerennialHttpError extends Error {
  override readonly name = 'PerennialHttpError'
  /** HTTP status, 400 or more. */
  readonly status: number
  /** Stable; made for programs. `UNREADABLE` where the answer is not one of Perennial, of a proxy for example. */
  readonly code: string
  /** How long to wait before the next try, in seconds, where the server said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    message: string,
    {
      status,
      code,
      retryAfterSeconds,
    }: Pick<PerennialHttpError, 'status' | 'code' | 'retryAfterSeconds'>,
  ) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}
