/**
 * Returns flags by item row as long as the index is now: items that were added since they were made are left out.
 *
 * @param allowed - Shape `[n]`; `undefined` allows every item.
 */
export function fitFlags(
  allowed: Uint8Array | undefined,
  numItems: number,
): Uint8Array | undefined {
  if (allowed === undefined || allowed.length > numItems) return allowed
  const fitted = new Uint8Array(numItems + 1)
  fitted.set(allowed)
  return fitted
}
