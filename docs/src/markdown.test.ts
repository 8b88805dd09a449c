import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERROR_CODES } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { ERROR_STATUS } from '../../packages/serve/src/http/error-status.ts'
import { createProgram } from '../../packages/train/src/cli.ts'
import { readMarkdownFiles, splitMarkdown } from './read-markdown.ts'
import { readRegions } from './read-regions.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = await readMarkdownFiles(root)
const guides = files.filter(({ path }) => path === 'README.md' || path.startsWith('docs/'))

describe('splitMarkdown', () => {
  test('gives blocks with the marker above them, and prose without code', () => {
    const text =
      '# A\n<!-- snippet: b -->\n```ts\nf()\n\ng()\n```\n[c](d.md)\n```sh\n[no](e.md)\n```\n'
    expect(splitMarkdown(text)).toEqual({
      blocks: [
        { language: 'ts', marker: 'snippet: b', line: 3, code: 'f()\n\ng()\n' },
        { language: 'sh', marker: '', line: 9, code: '[no](e.md)\n' },
      ],
      prose: '# A\n<!-- snippet: b -->\n[c](d.md)\n',
    })
  })
})

describe('readRegions', () => {
  test('joins regions of one name and takes the common indent away', () => {
    const source =
      '// #region a\nimport b\n// #endregion\n{\n  // #region a\n  if (b)\n    c()\n\n  d()\n  // #endregion\n}\n'
    expect([...readRegions(source)]).toEqual([['a', 'import b\n\nif (b)\n  c()\n\nd()\n']])
  })

  test('refuses a region that is not closed, and one within another', () => {
    expect(() => readRegions('// #region a\nb()\n')).toThrow('Region a is not closed.')
    expect(() => readRegions('// #region a\n// #region b\n')).toThrow('Region b begins within a.')
  })
})

describe('TypeScript in the documents', () => {
  test('each block is a region of a test that runs, and each region is shown', async () => {
    const regions = await readAllRegions()
    const shown = new Set<string>()
    for (const { path, blocks } of files) {
      for (const { language, marker, code, line } of blocks) {
        if (language !== 'ts') continue
        const name = marker.replace(/^snippet: /, '')
        shown.add(name)
        expect({ where: `${path}:${line}`, name, code }).toEqual({
          where: `${path}:${line}`,
          name,
          code: regions.get(name),
        })
      }
    }
    expect([...shown].sort()).toEqual([...regions.keys()].sort())
  })
})

describe('links in the documents', () => {
  test('each relative link names a file that exists, and a heading in it', () => {
    const broken: string[] = []
    for (const { path, prose } of files) {
      for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue
        const [name = '', heading] = target.split('#')
        const linked = name === '' ? join(root, path) : join(root, dirname(path), name)
        const isKnown = existsSync(linked) && (heading === undefined || hasHeading(linked, heading))
        if (!isKnown) broken.push(`${path}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})

describe('flags in the documents', () => {
  const trainFlags = new Map(
    createProgram().commands.map((command) => [
      command.name(),
      command.options.map(({ long }) => long as string),
    ]),
  )

  test('each flag of a command is one that the command takes', async () => {
    const serveFlags = await readServeFlags()
    const unknown: string[] = []
    for (const { path, blocks } of guides) {
      for (const { language, code } of blocks) {
        if (language !== 'sh') continue
        for (const line of code.replaceAll('\\\n', ' ').split('\n')) {
          const [, program, command = ''] =
            /perennial-(train|serve)(?:\.js)? +(\w*)/.exec(line) ?? []
          if (program === undefined) continue
          const known = program === 'serve' ? serveFlags : (trainFlags.get(command) ?? [])
          for (const flag of flagsIn(line))
            if (!known.includes(flag)) unknown.push(`${path}: ${flag}`)
        }
      }
    }
    expect(unknown).toEqual([])
  })

  test('each flag in the prose exists, and the guides name every flag', async () => {
    const known = [...trainFlags.values(), await readServeFlags()].flat()
    const named = new Set(guides.flatMap(({ prose }) => flagsIn(prose)))
    expect([...named].filter((flag) => !known.includes(flag))).toEqual([])
    expect(known.filter((flag) => !named.has(flag))).toEqual([])
  })
})

describe('docs/errors.md', () => {
  test('lists every code with its HTTP status, in the order of the code', () => {
    const { prose } = files.find(({ path }) => path === 'docs/errors.md') as { prose: string }
    const rows = Array.from(
      prose.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\|/gm),
      ([, code, status]) => [code, Number(status)],
    )
    expect(rows).toEqual(ERROR_CODES.map((code) => [code, ERROR_STATUS[code]]))
  })
})

function hasHeading(path: string, heading: string): boolean {
  const { prose = '' } = files.find((file) => join(root, file.path) === path) ?? {}
  const slugs = Array.from(prose.matchAll(/^#+ (.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return slugs.includes(heading)
}

function flagsIn(text: string): string[] {
  return Array.from(text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g), ([flag]) => flag)
}

/** The program of `perennial-serve` runs when it is created, so its flags are read from its source. */
async function readServeFlags(): Promise<string[]> {
  return flagsIn(await readFile(join(root, 'packages/serve/src/cli.ts'), 'utf8'))
}

async function readAllRegions(): Promise<Map<string, string>> {
  const snippets = await readSourcesIn(join(root, 'docs/src/snippets'), '.test.ts')
  const examples = await readSourcesIn(join(root, 'docs/examples'), '.ts')
  return new Map([...snippets, ...examples].flatMap((source) => [...readRegions(source)]))
}

/** Returns the texts of the files with an ending, those that were built left out. */
async function readSourcesIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const sources = names.filter((name) => name.endsWith(ending) && !/^dist\b|\.next\b/.test(name))
  return Promise.all(sources.map((name) => readFile(join(folder, name), 'utf8')))
}
