import { checkChoice, type EncoderConfig, RecommenderError } from '@perennial/core'
import type { ModelState } from '../fit/model-state.ts'
import type { Engine, PreparedBatch } from './engine.ts'
import { loadTensorflow } from './load-tensorflow.ts'
import { createTensorflowEngine } from './tensorflow-engine.ts'
import { createWasmEngine, type WasmEngineOptions } from './wasm/wasm-engine.ts'

/** Engines a caller may ask for. */
export const ENGINES = ['auto', 'wasm', 'tensorflow'] as const

/** A piece of the work that an engine is wanted for. */
export interface Workload {
  /** A state of its own, which the probe may change. */
  createState(): ModelState
  readonly batches: readonly PreparedBatch[]
}

/** Options of {@link createEngine}. */
export interface CreateEngineOptions extends WasmEngineOptions {
  /** What `auto` times the engines on. @defaultValue none: `auto` takes `wasm` */
  readonly workload?: Workload | undefined
}

/** An engine, and what there is to say about the choice. */
export type ChosenEngine = Engine & { readonly note: string | undefined }

/**
 * Creates an engine for one network shape.
 *
 * @param choice - `wasm`: own kernels, always there; `tensorflow`: libtensorflow through tfjs-node; `auto`: whichever
 * takes the steps of `workload` faster, timed for about a second; `note` then gives both speeds.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `ENGINE_UNAVAILABLE` if the engine asked for cannot run here.
 */
export async function createEngine(
  config: EncoderConfig,
  choice: string = 'auto',
  { numThreads, workload }: CreateEngineOptions = {},
): Promise<ChosenEngine> {
  checkChoice('engine', choice, ENGINES)
  const createTensorflow = async (): Promise<Engine> => {
    const { tf, version } = await loadTensorflow()
    return createTensorflowEngine(tf, { name: `tensorflow ${version}`, config })
  }
  if (choice === 'tensorflow') return { ...(await createTensorflow()), note: undefined }
  const wasm = await createWasmEngine(config, { numThreads })
  if (choice === 'wasm' || workload === undefined || workload.batches.length === 0)
    return { ...wasm, note: undefined }
  const tensorflow = await createTensorflow().catch((error: unknown) => {
    if (error instanceof RecommenderError) return error
    throw error
  })
  if (tensorflow instanceof RecommenderError) {
    return { ...wasm, note: `Engine ${wasm.name}; tensorflow is not available here.` }
  }
  const [wasmSpeed, tensorflowSpeed] = [
    await measureSpeed(wasm, workload),
    await measureSpeed(tensorflow, workload),
  ]
  const [chosen, other] = wasmSpeed >= tensorflowSpeed ? [wasm, tensorflow] : [tensorflow, wasm]
  await other.close()
  const say = (speed: number): string => `${Math.round(speed).toLocaleString('en')} events/s`
  const note = `Engine ${chosen.name}: ${wasm.name} takes ${say(wasmSpeed)}, ${tensorflow.name} ${say(tensorflowSpeed)}.`
  return { ...chosen, note }
}

const PROBE_MS = 500

/** Returns events a second; the first step, which warms up, does not count. */
async function measureSpeed(engine: Engine, { createState, batches }: Workload): Promise<number> {
  const trainer = await engine.createTrainer(createState())
  let numTokens = 0
  let began = performance.now()
  for (let step = 1; ; step++) {
    const prepared = batches[step % batches.length] as PreparedBatch
    await trainer.step(prepared, { learningRate: 0, step })
    if (step === 1) began = performance.now()
    else numTokens += prepared.batch.tokens.length
    const elapsedMs = performance.now() - began
    if (step > 1 && elapsedMs > PROBE_MS) {
      trainer.dispose()
      return numTokens / (elapsedMs / 1000)
    }
  }
}
