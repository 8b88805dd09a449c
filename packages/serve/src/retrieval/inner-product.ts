/** Returns the inner product of two vectors of equal length, rounded to float32. */
export function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number)
  return Math.fround(sum)
}
