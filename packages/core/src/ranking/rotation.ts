import { DAY_MS } from '../data/columns.ts'

/** Standing that an item loses right after it was shown: half of what lies between the middle candidate and the best. */
const FULL_LOSS = 0.5

/**
 * Returns the standing that an item loses because it was shown: `0.5 * 0.5^(age / halfLife)`.
 *
 * @param shownMs - When it was shown last, milliseconds since 1970-01-01 UTC; `undefined` or after `asOfMs`: no loss.
 * @param options - `halfLifeDays`: days after which half of the loss is gone, above 0.
 */
export function rotationLoss(
  shownMs: number | undefined,
  { asOfMs, halfLifeDays }: { readonly asOfMs: number; readonly halfLifeDays: number },
): number {
  if (shownMs === undefined || shownMs > asOfMs) return 0
  return FULL_LOSS * 0.5 ** ((asOfMs - shownMs) / (halfLifeDays * DAY_MS))
}
