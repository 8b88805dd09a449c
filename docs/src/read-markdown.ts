import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** What follows the opening fence, for example `ts`. */
  readonly language: string
  /** The code with a line break after its last line. */
  readonly code: string
  /** Kind and name of the comment on the line above, for example `snippet: serve-filter`; `''` without one. */
  readonly marker: string
  /** 1-based line of the opening fence. */
  readonly line: number
}

/** A Markdown file. */
export interface MarkdownFile {
  /** Relative to the repository, with `/`. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
  /** The text with code blocks left empty, so that what looks like a link in code is none. */
  readonly prose: string
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.perennial'])

/** Reads all Markdown files under a folder, in the order of their paths. */
export async function readMarkdownFiles(root: string): Promise<MarkdownFile[]> {
  const paths = await findMarkdown(root)
  return Promise.all(
    paths.sort().map(async (path) => {
      const text = await readFile(path, 'utf8')
      const name = relative(root, path).replaceAll('\\', '/')
      return { path: name, text, ...splitMarkdown(text) }
    }),
  )
}

/** Returns the fenced blocks of a Markdown text, and the text without what is in them. */
export function splitMarkdown(text: string): { blocks: CodeBlock[]; prose: string } {
  const blocks: CodeBlock[] = []
  const prose: string[] = []
  let open: { language: string; marker: string; line: number; lines: string[] } | undefined
  text.split('\n').forEach((line, i, lines) => {
    if (!line.startsWith('```')) {
      if (open === undefined) prose.push(line)
      else open.lines.push(line)
    } else if (open === undefined) {
      const marker = /^<!-- (.+) -->$/.exec(lines[i - 1] ?? '')?.[1] ?? ''
      open = { language: line.slice(3), marker, line: i + 1, lines: [] }
    } else {
      const { lines: code, ...about } = open
      blocks.push({ ...about, code: `${code.join('\n')}\n` })
      open = undefined
    }
  })
  return { blocks, prose: prose.join('\n') }
}

async function findMarkdown(folder: string): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) paths.push(...(await findMarkdown(path)))
    else if (entry.isFile() && entry.name.endsWith('.md')) paths.push(path)
  }
  return paths
}
