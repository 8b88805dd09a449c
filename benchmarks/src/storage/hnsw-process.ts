import { measureHnsw } from './measure-hnsw.ts'

/** Measures the graph of one artifact in this process and prints the result as JSON. */
const [artifactFolder] = process.argv.slice(2) as [string]
console.log(JSON.stringify(await measureHnsw(artifactFolder)))
