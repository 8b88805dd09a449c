// What building a native add-on needs: a bounded child process, Node's headers, node-gyp.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const PROGRESS_AFTER_MS = 2_000
const PROGRESS_EVERY_MS = 15_000

/**
 * Runs a command to its end and returns `{ ok, stdout, problem }`; never throws.
 * A run over two seconds is announced by `label`, then every fifteen seconds.
 */
export function runStep(label, command, args, options = {}) {
  const { timeoutMs = 300_000, stallMs = 0, progress, env = {}, cwd } = options
  return new Promise((resolve) => {
    const start = Date.now()
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    })
    let stdout = ''
    let tail = ''
    let stopped = ''
    let announcedMs = PROGRESS_AFTER_MS - PROGRESS_EVERY_MS
    let progressed = { at: start, value: -1 }
    const stop = (why) => {
      stopped = why
      // The whole group: pip and node-gyp start children of their own.
      try {
        process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
    }
    const timer = setInterval(() => {
      const elapsedMs = Date.now() - start
      if (elapsedMs - announcedMs >= PROGRESS_EVERY_MS) {
        announcedMs = elapsedMs
        say(`  ${label} (${Math.round(elapsedMs / 1000)} s)`)
      }
      if (progress) {
        const value = progress()
        if (value !== progressed.value) progressed = { at: Date.now(), value }
      }
      if (elapsedMs > timeoutMs) stop(`stopped after ${Math.round(timeoutMs / 1000)} s`)
      else if (stallMs > 0 && Date.now() - progressed.at > stallMs)
        stop(`no progress for ${Math.round(stallMs / 1000)} s`)
    }, 500)
    const finish = (ok, problem) => {
      clearInterval(timer)
      resolve({ ok, stdout, problem: ok ? '' : stopped || problem })
    }
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      tail = (tail + chunk).slice(-8_000)
    })
    child.stderr.on('data', (chunk) => {
      tail = (tail + chunk).slice(-8_000)
    })
    child.on('error', (error) => finish(false, error.message))
    child.on('close', (code, signal) =>
      finish(code === 0, lastProblem(tail) || `exit ${code ?? signal}`),
    )
  })
}

/** Prints one line of progress or result on stderr, so that stdout stays free for data. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Returns the folder whose `include/node` holds this Node's headers, or undefined. */
export function findNodeDir() {
  const prefix = dirname(dirname(process.execPath))
  const candidates = [process.env.npm_config_nodedir, prefix, '/usr', '/usr/local']
  const major = process.versions.node.split('.')[0]
  return candidates.find((dir) => dir && headersMajor(dir) === major)
}

/** Returns the path of a `node-gyp.js`: the environment's, one installed near `fromDir`, or npm's own. */
export function findNodeGyp(fromDirs) {
  if (process.env.npm_config_node_gyp) return process.env.npm_config_node_gyp
  for (const dir of fromDirs) {
    try {
      return createRequire(join(dir, 'package.json')).resolve('node-gyp/bin/node-gyp.js')
    } catch {}
  }
  const prefix = dirname(dirname(process.execPath))
  return ['lib/node_modules', 'share/nodejs', 'node_modules']
    .map((dir) => join(prefix, dir, 'npm/node_modules/node-gyp/bin/node-gyp.js'))
    .find((path) => existsSync(path))
}

/** Returns the environment that lets node-gyp build without asking the network for headers. */
export function nodeGypEnv(fromDirs) {
  const nodeDir = findNodeDir()
  const nodeGyp = findNodeGyp(fromDirs)
  return {
    ...(nodeDir && { npm_config_nodedir: nodeDir }),
    ...(nodeGyp && { npm_config_node_gyp: nodeGyp }),
  }
}

// The major version decides: the add-ons use Node-API, which does not change within it.
function headersMajor(dir) {
  try {
    const text = readFileSync(join(dir, 'include/node/node_version.h'), 'utf8')
    return /#define NODE_MAJOR_VERSION (\d+)/.exec(text)?.[1]
  } catch {
    return undefined
  }
}

/** The line of a failed command's output that says most: the last one that names an error. */
function lastProblem(output) {
  const lines = output.split('\n').flatMap((line) => (/^\s+at /.test(line) ? [] : [line.trim()]))
  const errors = lines.filter((line) => /error|not found|cannot|no such/i.test(line))
  const line = (errors.at(-1) ?? lines.filter(Boolean).at(-1) ?? '').replace(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 157)}...` : line
}
