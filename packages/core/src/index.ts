export {
  type Artifact,
  type ArtifactContent,
  readArtifact,
  writeArtifact,
} from './artifact/artifact.ts'
export { ARTIFACT_FILES, ARTIFACT_FORMAT_VERSION, type BlendConfig, type Manifest } from './artifact/manifest.ts'
export { DAY_MS, EVENT_COLUMNS, ITEM_COLUMNS } from './data/columns.ts'
export type { Dataset } from './data/dataset.ts'
export type { EventTable } from './data/event-table.ts'
export { ItemCatalog, type ItemRecord } from './data/item-catalog.ts'
export type { RankingCase, Split } from './data/ranking-case.ts'
export { type BuildSequencesOptions, buildSequences, type History, historyOf, type Sequences } from './data/sequences.ts'
export {
  checkChoice,
  checkInteger,
  checkNumber,
  ERROR_CODES,
  type ErrorCode,
  RecommenderError,
} from './errors.ts'
export { recoverFolder, replaceFile, replaceFolder } from './io/atomic-write.ts'
export { DATASET_FILES, readDataset } from './io/dataset-folder.ts'
export { readEventsFile, writeEventsFile } from './io/events-file.ts'
export { encodeItems, type ItemVectors, readItemsFile, writeItemsFile } from './io/items-file.ts'
export { ACTIVATIONS, createEncoderConfig, type EncoderConfig, type EncoderOptions } from './model/config.ts'
export { createRng, hash32, type Rng, shuffle } from './random.ts'
export type { ItemIndex, SearchOptions, SearchResult } from './retrieval/item-index.ts'
export { selectTopK } from './retrieval/top-k.ts'
export type { Scorer } from './scorer.ts'
