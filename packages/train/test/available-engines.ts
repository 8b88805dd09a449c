import { RecommenderError } from '@perennial/core'
import { loadTensorflow } from '../src/engine/load-tensorflow.ts'

/** Returns the engines that run here; says so when `tensorflow` is left out. */
export async function availableEngines(): Promise<('wasm' | 'tensorflow')[]> {
  try {
    await loadTensorflow()
    return ['wasm', 'tensorflow']
  } catch (error) {
    if (!(error instanceof RecommenderError)) throw error
    process.stderr.write(`Left out: engine tensorflow. ${error.message}\n`)
    return ['wasm']
  }
}
