import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const conditions = ['@perennial/source']
const roots = [
  'packages/core',
  'packages/train',
  'packages/serve',
  'datasets',
  'benchmarks',
  'docs',
]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Threads of engine and index run compiled code.
    globalSetup: fileURLToPath(new URL('scripts/build-threads.mjs', import.meta.url)),
    testTimeout: 30_000,
    // Terminal text is compared as text; a CI variable would otherwise switch colours on.
    env: { NO_COLOR: '1' },
    projects: roots.map((root) => ({ extends: true, test: { name: basename(root), root } })),
  },
})
