import { measureLoad } from './measure-load.ts'

/** Loads one artifact in this process and prints how long it took as JSON. */
const [artifactFolder] = process.argv.slice(2) as [string]
console.log(JSON.stringify(await measureLoad(artifactFolder)))
