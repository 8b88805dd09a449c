import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readWhole } from '../benchmark-command.ts'
import { SPACINGS } from './draw-arrivals.ts'
import { LOAD_PROFILES, PROFILE_NAMES, TRANSPORTS, type Transport } from './load-profiles.ts'
import type { RequestSettings } from './measure-http.ts'
import type { ServingSizes } from './prepare-serving-data.ts'

/** What one run of `bench:load` is to do. */
export interface LoadRun {
  readonly sizes: ServingSizes
  readonly settings: RequestSettings
  readonly transports: readonly Transport[]
  /** Folder of a real artifact; `undefined` for an untrained one. */
  readonly artifact: string | undefined
  /** Set of budgets to enforce; `undefined` for none. */
  readonly budgets: string | undefined
  /** Where the result goes. */
  readonly out: string
}

interface Flags {
  readonly profile: (typeof PROFILE_NAMES)[number]
  readonly items?: number
  readonly users?: number
  readonly events?: number
  readonly rate?: number
  readonly cold?: number
  readonly warmUp?: number
  readonly duration?: number
  readonly reloadEvery?: number
  readonly transport?: Transport
  readonly spacing: RequestSettings['spacing']
  readonly writes: number
  readonly zipf: number
  readonly k: number
  readonly explain: boolean
  readonly connections: number
  readonly artifact?: string
  readonly seed: number
  readonly budgets: boolean
  readonly out?: string
}

const ROOT = new URL('../../../', import.meta.url)

/** Adds the options of `bench:load`; what is not given comes from the profile. */
export function addLoadOptions(command: Command): Command {
  const choice = (flags: string, text: string, choices: readonly string[]): Option =>
    new Option(flags, text).choices(choices)
  return command
    .addOption(choice('--profile <name>', 'sizes and load', PROFILE_NAMES).default('full'))
    .option('--items <count>', 'items of the catalogue', readWhole(1))
    .option('--users <count>', 'users', readWhole(1))
    .option('--events <count>', 'events a user', readWhole(1))
    .option('--rate <count>', 'mean requests a second', readAmount)
    .option('--cold <seconds>', 'how long the first requests are kept apart', readAmount)
    .option('--warm-up <seconds>', 'how long requests are left out then', readAmount)
    .option('--duration <seconds>', 'how long requests are measured', readAmount)
    .option('--reload-every <seconds>', 'reload the artifact while measuring', readAmount)
    .addOption(choice('--transport <name>', 'ask in this way alone', TRANSPORTS))
    .addOption(choice('--spacing <name>', 'how arrivals lie', SPACINGS).default('poisson'))
    .option('--writes <share>', 'share of requests that record a purchase', readShare, 0.1)
    .option('--zipf <exponent>', 'how fast shares of users and items fall', readAmount, 1)
    .option('--k <count>', 'items a list', readWhole(1), 10)
    .option('--explain', 'ask for reasons', false)
    .option('--connections <count>', 'most connections', readWhole(1), 64)
    .option('--artifact <folder>', 'serve this artifact instead of an untrained one')
    .option('--seed <number>', 'fixes every random choice', readWhole(0), 1)
    .option('--no-budgets', 'do not compare with benchmarks/budgets.json')
    .option('--out <file>', 'where the JSON goes')
}

/** Returns what a parsed command is to do. */
export function readLoadRun(command: Command): LoadRun {
  const flags = command.opts<Flags>()
  const { sizes, load, transports, budgets } = LOAD_PROFILES[flags.profile]
  // The check for changes leaves the stored results as they are.
  const folder = flags.profile === 'quick' ? '.perennial/bench' : 'benchmarks/results'
  return {
    sizes: {
      numItems: flags.items ?? sizes.numItems,
      numUsers: flags.users ?? sizes.numUsers,
      eventsPerUser: flags.events ?? sizes.eventsPerUser,
      seed: flags.seed,
    },
    settings: {
      ratePerSecond: flags.rate ?? load.ratePerSecond,
      spacing: flags.spacing,
      seconds: {
        cold: flags.cold ?? load.seconds.cold,
        warmUp: flags.warmUp ?? load.seconds.warmUp,
        measured: flags.duration ?? load.seconds.measured,
      },
      reloadEverySeconds: flags.reloadEvery ?? load.reloadEverySeconds,
      writeShare: flags.writes,
      zipfExponent: flags.zipf,
      k: flags.k,
      explain: flags.explain,
      maxConnections: flags.connections,
      seed: flags.seed,
    },
    transports: flags.transport === undefined ? transports : [flags.transport],
    artifact: flags.artifact,
    budgets: flags.budgets ? budgets : undefined,
    out: flags.out ?? fileURLToPath(new URL(`${folder}/${budgets}.json`, ROOT)),
  }
}

function readAmount(text: string): number {
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError(`Expected a number of 0 or more, got '${text}'.`)
}

function readShare(text: string): number {
  const share = readAmount(text)
  if (share <= 1) return share
  throw new InvalidArgumentError(`Expected a share of at most 1, got '${text}'.`)
}
