import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLifecycleCsv } from '@perennial/datasets'
import { splitMarkdown } from './read-markdown.ts'

// Runs the commands of the README's "Use it on your own files" as they stand there, on a small synthetic
// log; only the port is a free one. Exits with 1 when one of them does not do what the README says.

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'perennial-readme-'))
try {
  const { blocks } = splitMarkdown(await readFile(join(root, 'README.md'), 'utf8'))
  const block = blocks.find(({ marker }) => marker === 'commands: own-files')
  const [ingest, fit, serve, ...rest] = (block?.code ?? '').trim().split('\n')
  if (ingest === undefined || fit === undefined || serve === undefined || rest.length > 0) {
    throw new Error('Expected three commands in the block `commands: own-files` of README.md.')
  }
  await writeLifecycleCsv(join(folder, 'raw'), { users: 40, seed: 1 })
  await copyFile(join(folder, 'raw', 'events.csv'), join(folder, 'orders.csv'))
  // The commands name the packages from the root of a clone, and write beside the orders.
  await symlink(join(root, 'packages'), join(folder, 'packages'))
  await run(ingest)
  await run(fit)
  await ask(serve.replace('--port 8080', '--port 0'))
  console.log('The README is right: ingest, fit and serve ran as written.')
} finally {
  await rm(folder, { recursive: true })
}

async function run(line: string): Promise<void> {
  const [code] = await once(start(line, 'inherit'), 'close')
  if (code !== 0) throw new Error(`Expected exit status 0, got ${code}: ${line}`)
}

/** Starts the server, asks about a customer, and stops it. */
async function ask(line: string): Promise<void> {
  const server = start(line, 'pipe')
  const closed = once(server, 'close')
  try {
    const url = await findUrl(server)
    const response = await fetch(`${url}/v1/recommendations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'C0000001', k: 5 }),
    })
    const { path, items } = (await response.json()) as { path: string; items: unknown[] }
    if (path !== 'model' || items.length !== 5) {
      throw new Error(`Expected 5 items by path model, got ${items.length} by ${path}: ${line}`)
    }
  } finally {
    server.kill('SIGTERM')
  }
  const [code] = await closed
  if (code !== 0) throw new Error(`Expected exit status 0 after SIGTERM, got ${code}: ${line}`)
}

/** Returns the address that the server logs; goes on reading, since a server without a reader would stop. */
function findUrl(server: ChildProcess): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    server.stdout?.on('data', (chunk: Buffer) => {
      text += chunk
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0]
      if (url !== undefined) resolve(url)
    })
    server.once('close', () => reject(new Error(`Expected the server's address, got: ${text}`)))
  })
}

function start(line: string, stdout: 'inherit' | 'pipe'): ChildProcess {
  console.log(`$ ${line}`)
  const [, ...args] = line.split(' ')
  return spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', stdout, 'inherit'] })
}
