import type { EncoderInputs } from './encoder-session.ts'

/** Most histories of one run. */
export const MAX_ROWS = 8
/** Runs that may be under way to a thread, each with a room of its own. */
export const NUM_ROOMS = 4

/** Sizes of a network's inputs. */
export interface EncoderSizes {
  readonly dim: number
  readonly maxLength: number
}

/** Memory through which inputs go to a network in another thread, and queries come back. */
export interface EncoderRoom extends EncoderSizes {
  readonly memory: SharedArrayBuffer
}

/** Creates room for one run. */
export function createEncoderRoom({ dim, maxLength }: EncoderSizes): EncoderRoom {
  const bytes = 8 * MAX_ROWS * (2 + maxLength) + 4 * MAX_ROWS * maxLength * dim
  return { dim, maxLength, memory: new SharedArrayBuffer(bytes) }
}

/**
 * Returns views of the inputs of a run.
 *
 * @param usesTimes - Whether there are seconds of events and questions; without them these are empty.
 */
export function viewInputs(
  { dim, maxLength, memory }: EncoderRoom,
  { numRows, paddedLength }: RunSizes,
  usesTimes: boolean,
): EncoderInputs {
  // Numbers of eight bytes first, since they must be aligned.
  const numEvents = numRows * paddedLength
  const eventsAt = 8 * 2 * MAX_ROWS
  return {
    lengths: new BigInt64Array(memory, 0, numRows),
    askedSeconds: new BigInt64Array(memory, 8 * MAX_ROWS, usesTimes ? numRows : 0),
    eventSeconds: new BigInt64Array(memory, eventsAt, usesTimes ? numEvents : 0),
    vectors: new Float32Array(memory, eventsAt + 8 * MAX_ROWS * maxLength, numEvents * dim),
  }
}

/** Returns a view of the queries of a run, shape `[numRows, dim]`, where the vectors were. */
export function viewQueries(
  { dim, maxLength, memory }: EncoderRoom,
  numRows: number,
): Float32Array {
  return new Float32Array(memory, 8 * MAX_ROWS * (2 + maxLength), numRows * dim)
}

/** Sizes of one run. */
export interface RunSizes {
  /** 1..{@link MAX_ROWS} */
  readonly numRows: number
  /** 1..maxLength */
  readonly paddedLength: number
}

/** Packs a run and the number of its room into one number above 0, as an inbox takes it. */
export function packRun({ numRows, paddedLength }: RunSizes, roomNumber: number): number {
  return (paddedLength << 8) | (roomNumber << 4) | numRows
}

/** Returns what {@link packRun} packed. */
export function unpackRun(packed: number): RunSizes & { readonly roomNumber: number } {
  return {
    numRows: packed & 0xf,
    roomNumber: (packed >> 4) & 0xf,
    paddedLength: packed >> 8,
  }
}
