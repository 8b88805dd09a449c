import { RecommenderError } from '@perennial/core'
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { ByteStreamOptions } from './byte-stream.ts'
import type { RowSource } from './row-source.ts'
import { valueToText } from './value-text.ts'

const BATCH_ROWS = 1 << 14

/**
 * Opens a Parquet file. One row group is in memory at a time.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is no Parquet, or a row group is damaged.
 */
export async function openParquetSource(
  file: string,
  { signal, onBytes }: ByteStreamOptions,
): Promise<RowSource> {
  const buffer = await asyncBufferFromFile(file)
  const metadata = await parquetMetadataAsync(buffer).catch((cause: unknown) => {
    throw describeDamage(file, 'its footer cannot be read', cause)
  })
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
  return {
    file,
    format: 'parquet',
    columns,
    encoding: null,
    delimiter: null,
    async *readBatches(needed) {
      const isLocal = columns.map((name) => holdsLocalTimes(metadata, name))
      let groupStart = 0
      for (const { num_rows, total_compressed_size, total_byte_size } of metadata.row_groups) {
        const groupEnd = groupStart + Number(num_rows)
        const group = { metadata, rowStart: groupStart, rowEnd: groupEnd }
        const data = await readColumns(file, buffer, {
          ...group,
          columns: needed.map((at) => columns[at] as string),
        })
        onBytes?.(Number(total_compressed_size ?? total_byte_size))
        for (let start = 0; start < Number(num_rows); start += BATCH_ROWS) {
          signal?.throwIfAborted()
          const length = Math.min(BATCH_ROWS, Number(num_rows) - start)
          const rows = Array.from({ length }, (_, i) => {
            const values = new Array<string>(columns.length).fill('')
            needed.forEach((at, n) => {
              values[at] = valueToText(data[n]?.[start + i], isLocal[at])
            })
            return values
          })
          const rowNumbers = rows.map((_, i) => groupStart + start + i + 1)
          yield { rows, rowNumbers, broken: [] }
        }
        groupStart = groupEnd
      }
    },
  }
}

/** Reads some columns of one row group, in the order of `columns`. */
async function readColumns(
  file: string,
  buffer: AsyncBuffer,
  group: {
    readonly metadata: FileMetaData
    readonly columns: string[]
    readonly rowStart: number
    readonly rowEnd: number
  },
): Promise<ArrayLike<unknown>[]> {
  const { columns, rowStart, rowEnd } = group
  const data = columns.map(() => new Array<unknown>(rowEnd - rowStart))
  await parquetRead({
    file: buffer,
    ...group,
    compressors,
    onChunk: ({ columnName, columnData, rowStart: chunkStart }) => {
      const column = data[columns.indexOf(columnName)]
      if (column === undefined) return
      for (let i = 0; i < columnData.length; i++) column[chunkStart - rowStart + i] = columnData[i]
    },
  }).catch((cause: unknown) => {
    const where = `rows ${rowStart + 1} to ${rowEnd} of the columns ${columns.join(', ')}`
    throw describeDamage(file, `${where} cannot be read`, cause)
  })
  return data
}

/** Times that Parquet does not tie to UTC are local ones. */
function holdsLocalTimes(metadata: FileMetaData, column: string): boolean {
  const type = metadata.schema.find(({ name }) => name === column)?.logical_type
  return type?.type === 'TIMESTAMP' && !type.isAdjustedToUTC
}

function describeDamage(file: string, problem: string, cause: unknown): RecommenderError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new RecommenderError(
    'INVALID_INPUT',
    `${file}: ${problem} (${detail}). Export the Parquet file again, or use --format csv if it is text.`,
    { cause },
  )
}
