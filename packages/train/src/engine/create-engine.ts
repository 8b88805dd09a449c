import { checkChoice, type EncoderConfig } from '@perennial/core'
import type { Engine } from './engine.ts'
import { loadTensorflow } from './load-tensorflow.ts'
import { createTensorflowEngine } from './tensorflow-engine.ts'

/** Engines a caller may ask for. */
export const ENGINES = ['auto', 'tensorflow', 'wasm'] as const

/**
 * Creates an engine for one network shape.
 *
 * @param choice - `auto` takes libtensorflow where it loads, else the portable backend, and says so in `note`.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `ENGINE_UNAVAILABLE` if the engine asked for cannot run here.
 */
export async function createEngine(
  config: EncoderConfig,
  choice: string = 'auto',
): Promise<Engine & { readonly note: string | undefined }> {
  checkChoice('engine', choice, ENGINES)
  const { tf, backend, version, note } = await loadTensorflow(choice)
  return { ...createTensorflowEngine(tf, { name: `${backend} ${version}`, config }), note }
}
