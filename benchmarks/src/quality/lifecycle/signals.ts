import {
  buildCategoryTree,
  createEncoderConfig,
  createSequenceSignal,
  createSignals,
  type Dataset,
  type Signal,
} from '@perennial/core'
import {
  createEngine,
  createLinkTables,
  createSequenceAtCuts,
  type Engine,
  type FitOptions,
  type LinkSettings,
  type Past,
} from '@perennial/train'
import type { Progress } from './train-rankers.ts'

/** What signals are made of beside the state. */
export interface SignalSettings {
  readonly links: LinkSettings
  /** The sequence model's settings, where its score is a signal too. */
  readonly sequence: FitOptions | null
}

/** Returns the part of settings that signals depend on. */
export function pickSignals({ links, sequence }: SignalSettings): SignalSettings {
  return { links, sequence }
}

/** Makes all that scores items for a customer, learned from what is known at a cut. */
export interface SignalSource {
  at(dataset: Dataset, past: Past, settings: SignalSettings): Promise<Signal[]>
  /** Ends the engines of sequence models. */
  close(): Promise<void>
}

/** Returns a source of signals that learns each table, and each sequence model, of a cut once. */
export function createSignalSource({
  numThreads,
  signal,
  onStage,
}: Progress & { readonly numThreads?: number | undefined }): SignalSource {
  const engines: Engine[] = []
  const sources = new Map<Dataset, Map<string, (past: Past) => Promise<Signal[]>>>()
  const create = async (
    dataset: Dataset,
    { links, sequence }: SignalSettings,
  ): Promise<(past: Past) => Promise<Signal[]>> => {
    const categories = buildCategoryTree(dataset.catalog)
    const linksAt = createLinkTables(dataset, links, { signal })
    if (sequence === null)
      return async (past) => createSignals(past.state, { links: await linksAt(past), categories })
    const engine = await createEngine(createEncoderConfig(sequence.encoder), 'wasm', { numThreads })
    engines.push(engine)
    const sequenceAt = createSequenceAtCuts(dataset, { engine, fit: sequence, signal, onStage })
    return async (past) => [
      ...createSignals(past.state, { links: await linksAt(past), categories }),
      createSequenceSignal(await sequenceAt(past)),
    ]
  }
  return {
    at: async (dataset, past, settings) => {
      const known = sources.get(dataset) ?? new Map<string, (past: Past) => Promise<Signal[]>>()
      sources.set(dataset, known)
      const key = JSON.stringify(settings)
      const source = known.get(key) ?? (await create(dataset, settings))
      known.set(key, source)
      return source(past)
    },
    close: async () => {
      for (const engine of engines) await engine.close()
    },
  }
}
