import type { Dataset } from '@perennial/core'

/** One file of a data set, as it lies in the data set's folder: gzipped, or plain after a download. */
export interface DatasetFile {
  /** Name without `.gz`. */
  readonly name: string
  /** Bytes of the content, not compressed. */
  readonly bytes: number
  /** sha256 of the content in hexadecimal digits. */
  readonly sha256: string
  /** Bytes of `<name>.gz`. */
  readonly gzipBytes: number
  /** sha256 of `<name>.gz`. */
  readonly gzipSha256: string
  /** `true` where the loader can do without: titles, for example. @defaultValue false */
  readonly optional?: boolean
  /** Public address of exactly these bytes (of the gzipped ones if it ends in `.gz`), where a stable one is known. */
  readonly url?: string
}

/** What is known of a public data set before it is opened. */
export interface DatasetFacts {
  readonly name: string
  readonly title: string
  /** Folder inside the folder of all data sets. */
  readonly folder: string
  /** Page of the publisher. */
  readonly source: string
  readonly licence: string
  readonly files: readonly DatasetFile[]
  /** How the files without `url` are made, in a sentence. */
  readonly byHand?: string
  /** Exact counts of the loaded {@link Dataset}, asserted by its loader. */
  readonly counts: DatasetCounts
}

/** Sizes of a {@link Dataset}. */
export interface DatasetCounts {
  readonly users: number
  readonly items: number
  readonly events: number
}

/** Returns the decompressed content of a file of the data set, by its name in the facts. */
export type ReadFile = (name: string) => Promise<Buffer>

/** What a data set's folder provides: its facts, and how its files become a {@link Dataset}. */
export interface DatasetSource {
  readonly facts: DatasetFacts
  /** @param has - Says whether an optional file is there. */
  readonly load: (read: ReadFile, has: (name: string) => Promise<boolean>) => Promise<Dataset>
}
