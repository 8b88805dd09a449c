import { type Dataset, hash32, type ItemCatalog, type RankingCase } from '@perennial/core'
import { questionOf, type ShardQuestion, type ShardSplit } from './shard-split.ts'
import type { UserEvents } from './user-runs.ts'

/** Users that validation asks about, with their histories in memory. */
export interface ValidationSample {
  /** Considers a user; takes a copy of their history when they belong to the sample. */
  offer(user: UserEvents): void
  /** Returns the sample as a data set of its own, whose user rows are not those of the file. */
  finish(catalog: ItemCatalog): {
    readonly dataset: Dataset
    readonly trainEnds: Int32Array
    readonly cases: readonly RankingCase[]
  }
}

interface Member {
  readonly key: number
  readonly user: UserEvents
  readonly question: ShardQuestion
}

const STREAM_SAMPLE = 22

/**
 * Creates a sample of `size` users who can be asked: those whose rows hash lowest with the seed, so that neither the
 * record batches nor their order matter.
 */
export function createValidationSample(
  split: ShardSplit,
  { size, seed }: { readonly size: number; readonly seed: number },
): ValidationSample {
  let members: Member[] = []
  let limit = Number.POSITIVE_INFINITY
  const shrink = (): void => {
    members.sort((a, b) => a.key - b.key || a.user.userRow - b.user.userRow)
    members = members.slice(0, size)
    if (members.length === size) limit = (members[size - 1] as Member).key
  }
  return {
    offer: (user) => {
      const key = hash32(seed, STREAM_SAMPLE, user.userRow)
      if (key > limit) return
      const question = questionOf(split, user)
      if (question === undefined) return
      const { historyEnd } = question
      members.push({
        key,
        question,
        user: {
          userRow: user.userRow,
          itemRows: user.itemRows.slice(0, historyEnd),
          timestampMs: user.timestampMs.slice(0, historyEnd),
        },
      })
      if (members.length >= 2 * size) shrink()
    },
    finish: (catalog) => {
      shrink()
      members.sort((a, b) => a.user.userRow - b.user.userRow)
      return toQuestions(members, catalog)
    },
  }
}

function toQuestions(
  members: readonly Member[],
  catalog: ItemCatalog,
): ReturnType<ValidationSample['finish']> {
  const offsets = new Int32Array(members.length + 1)
  members.forEach(({ question }, u) => {
    offsets[u + 1] = (offsets[u] as number) + question.historyEnd
  })
  const numEvents = offsets[members.length] as number
  const itemRows = new Int32Array(numEvents)
  const timestampMs = new Float64Array(numEvents)
  members.forEach(({ user }, u) => {
    itemRows.set(user.itemRows, offsets[u])
    timestampMs.set(user.timestampMs, offsets[u])
  })
  const sequences = {
    numUsers: members.length,
    offsets,
    itemRows,
    timestampMs,
    quantities: new Float32Array(numEvents).fill(1),
    prices: new Float32Array(numEvents).fill(Number.NaN),
  }
  return {
    dataset: {
      userIds: members.map(({ user }) => `row ${user.userRow}`),
      catalog,
      sequences,
      timeKind: 'timestamp',
      currency: null,
    },
    trainEnds: offsets.slice(1),
    cases: members.map(({ question: { asOfMs, targets } }, u) => ({
      userRow: u,
      historyEnd: offsets[u + 1] as number,
      asOfMs,
      targets,
    })),
  }
}
