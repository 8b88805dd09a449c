export type { DatasetCounts, DatasetFacts, DatasetFile } from './dataset-facts.ts'
export { findDatasetFolder } from './dataset-folder.ts'
export {
  DATASET_NAMES,
  type DatasetName,
  describeDataset,
  hasDataset,
  loadDataset,
} from './load-dataset.ts'
export {
  type OnlineRetailFiles,
  onlineRetailFiles,
} from './online-retail-ii/online-retail-files.ts'
export type { LoadDatasetOptions } from './open-dataset-files.ts'
export type { PriceBand } from './synthetic/assortment.ts'
export type {
  Cause,
  CustomerTruth,
  LifecycleEvent,
  NeedTruth,
} from './synthetic/create-customer.ts'
export type { RowTally } from './synthetic/create-rows.ts'
export { generateLifecycle, type Lifecycle } from './synthetic/generate-lifecycle.ts'
export type { LifecycleConfig, LifecycleOptions } from './synthetic/lifecycle-config.ts'
export {
  type LifecycleManifest,
  type WriteLifecycleOptions,
  writeLifecycleCsv,
} from './synthetic/write-lifecycle-csv.ts'
export { loadTafengKeyset, TAFENG_KEYSETS, type TafengKeyset } from './tafeng/load-keyset.ts'
