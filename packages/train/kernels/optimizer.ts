// Sums the workers' gradients and takes a step of Adam.
import { madd } from './simd'

/** Adds the buffers behind the first (each `stride` bytes further) to it and clears them. */
export function reduce(n: i32, first: usize, stride: usize, buffers: i32): void {
  for (let w = 1; w < buffers; w++) {
    let p = first + <usize>w * stride
    let to = first
    for (const end = first + ((<usize>n) << 2); to < end; to += 16, p += 16) {
      v128.store(to, f32x4.add(v128.load(to), v128.load(p)))
      v128.store(p, f32x4.splat(0))
    }
  }
}

/** Updates weights and moments by the gradients and clears these (Kingma and Ba 2015, algorithm 1). */
export function adam(
  n: i32,
  weights: usize,
  gradients: usize,
  mean: usize,
  square: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1),
    c1 = f32x4.splat(1 - beta1)
  const b2 = f32x4.splat(beta2),
    c2 = f32x4.splat(1 - beta2)
  for (
    const end = weights + ((<usize>n) << 2);
    weights < end;
    weights += 16, gradients += 16, mean += 16, square += 16
  ) {
    const g = v128.load(gradients)
    const m = madd(b1, v128.load(mean), f32x4.mul(c1, g))
    const v = madd(b2, v128.load(square), f32x4.mul(c2, f32x4.mul(g, g)))
    v128.store(mean, m)
    v128.store(square, v)
    v128.store(gradients, f32x4.splat(0))
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(correction))), f32x4.splat(epsilon))
    const step = f32x4.div(f32x4.mul(m, f32x4.splat(rate)), root)
    v128.store(weights, f32x4.sub(v128.load(weights), step))
  }
}
