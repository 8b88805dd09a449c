/** Limits on what one HTTP request may hold, beside those of the requests in it. */
export const HTTP_LIMITS = {
  /** Levels of objects and lists in a body. */
  maxDepth: 32,
  /** Bytes of a request's head. */
  maxHeadBytes: 16_384,
  /** Characters of a part of the path: an id of 256 characters, each percent-encoded in up to 9. */
  maxPathPart: 2304,
} as const
