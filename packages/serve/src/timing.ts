/** Steps of an answer whose time is told. */
export const STAGES = ['history', 'encode', 'candidates', 'policy', 'explain', 'answer'] as const

/** One of {@link STAGES}; `answer` is the whole. */
export type Stage = (typeof STAGES)[number]

/** Told how long a step of an answer took, in milliseconds. */
export type OnTiming = (stage: Stage, durationMs: number) => void

/** Runs a step and tells how long it took, when it succeeds. */
export async function timed<T>(
  stage: Stage,
  onTiming: OnTiming | undefined,
  step: () => Promise<T> | T,
): Promise<T> {
  if (onTiming === undefined) return step()
  const startMs = performance.now()
  const result = await step()
  onTiming(stage, performance.now() - startMs)
  return result
}
