import { type IndexKind, measureIndex } from './measure-index.ts'

/** Measures one index of an artifact in this process and prints the result as JSON. */
const [artifactFolder, kind, seed] = process.argv.slice(2) as [string, IndexKind, string]
console.log(JSON.stringify(await measureIndex(artifactFolder, { kind, seed: Number(seed) })))
