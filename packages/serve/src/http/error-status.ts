import type { ErrorCode } from '@perennial/core'

/** HTTP status by error code: 4xx when the caller can put it right, 5xx when the operator must. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_OPTION: 400,
  INVALID_INPUT: 400,
  TOO_MANY_BAD_ROWS: 400,
  INVALID_EVENTS: 400,
  UNKNOWN_ITEM: 404,
  SHAPE_MISMATCH: 500,
  DATASET_MISSING: 500,
  DATASET_MISMATCH: 500,
  BAD_CHECKPOINT: 500,
  BAD_ARTIFACT: 500,
  TRAINING_DIVERGED: 500,
  OUT_OF_MEMORY: 500,
  ABORTED: 503,
  ENGINE_UNAVAILABLE: 503,
  INDEX_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
}
