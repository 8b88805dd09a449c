import { basename } from 'node:path'
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
    testTimeout: 30_000,
    projects: roots.map((root) => ({ extends: true, test: { name: basename(root), root } })),
  },
})
