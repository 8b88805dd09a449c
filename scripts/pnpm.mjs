// Runs pnpm at the version that package.json pins, fetched by npx: nobody has to install pnpm.
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs `pnpm ...args` in the repository root with the terminal passed through; returns its exit status. */
export function runPnpm(args) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  // Windows' npx is a batch file, which only a shell can start.
  const shell = process.platform === 'win32'
  const run = spawnSync('npx', ['--yes', packageManager, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell,
  })
  if (run.error) process.stderr.write(`Cannot run npx: ${run.error.message}\n`)
  return run.status ?? 1
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  process.exitCode = runPnpm(process.argv.slice(2))
}
