import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DAY_MS, dayOf, readArtifact, readDataset, replaceFile } from '@perennial/core'
import { Recommender } from '@perennial/serve'
import pc from 'picocolors'
import { chooseCustomers } from './choose-customers.ts'
import { describeCustomer } from './describe-customer.ts'
import { prepareInput } from './prepare-input.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const work = join(root, '.perennial', 'quickstart')
const data = join(work, 'data')
const artifact = join(work, 'artifact')

const startedAt = performance.now()
await mkdir(work, { recursive: true })
const input = await prepareInput(work)
heading(input.title)
await perennialTrain(['ingest', ...input.files, '--out', data, ...input.ingestFlags])
await perennialTrain(['fit', data, '--out', artifact, ...input.fitFlags])

heading('What three customers will want, and why')
const dataset = await readDataset(data)
const recommender = await Recommender.load(artifact, { dataset: data })
const { manifest } = await readArtifact(artifact)
// The midnight after the last purchase: what is known then is all there is.
const newestMs = dataset.sequences.timestampMs.reduce((max, time) => Math.max(max, time), 0)
const asOfMs = (dayOf(newestMs) + 1) * DAY_MS
for (const userRow of chooseCustomers(dataset, asOfMs)) {
  const userId = dataset.userIds[userRow] as string
  const response = await recommender.recommend({
    userId,
    k: 5,
    asOf: new Date(asOfMs).toISOString(),
  })
  console.log(`\n${describeCustomer(dataset, userRow, response)}`)
}
await recommender.close()
const { engine, epochs, seconds: trainingSeconds } = manifest.training
const seconds = (performance.now() - startedAt) / 1000
const summary = {
  title: input.title,
  seconds,
  engine,
  epochs,
  trainingSeconds,
  metrics: manifest.metrics,
}
await replaceFile(join(work, 'result.json'), (path) =>
  writeFile(path, `${JSON.stringify(summary)}\n`),
)
const paths = `--artifact ${relative(root, artifact)} --dataset ${relative(root, data)}`
heading('Next')
console.log(
  `Reports: ${relative(root, join(data, 'report.html'))} and ${relative(root, join(artifact, 'report.html'))}`,
)
console.log(`Ask over HTTP: node packages/serve/bin/perennial-serve.js ${paths}`)

/** Runs `perennial-train` as a user would, in view. */
async function perennialTrain(args: readonly string[]): Promise<void> {
  console.log(
    pc.cyan(
      `\n$ perennial-train ${args.map((arg) => (arg.startsWith(root) ? relative(root, arg) : arg)).join(' ')}`,
    ),
  )
  const cli = join(root, 'packages', 'train', 'bin', 'perennial-train.js')
  const child = spawn(process.execPath, [cli, ...args], { stdio: 'inherit' })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) process.exit(code ?? 1)
}

function heading(text: string): void {
  console.log(`\n${pc.bold(text)}`)
}
