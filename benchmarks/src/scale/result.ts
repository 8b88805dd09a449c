import type { RunDescription } from '../machine.ts'
import type { ScaleSize } from './write-scale-data.ts'

/** What a training process is told. */
export interface ScaleTask {
  readonly folder: string
  readonly checkpointPath: string
  /** Steps after which it is stopped. */
  readonly steps: number
  readonly batchSize: number
  readonly dim: number
  readonly numNegatives: number
  readonly seed: number
}

/** What it found. */
export interface ScaleRun {
  readonly engine: string
  /** Steps of the epoch that were done before this process's first. */
  readonly stepsBefore: number
  readonly stepsAfter: number
  readonly stepsPerEpoch: number
  readonly firstLoss: number
  readonly lastLoss: number
  /** Of all steps but the first, reading from disk included. */
  readonly tokensPerSecond: number
  /** What `StepReport.epochSecondsLeft` said at the last step. */
  readonly epochSecondsLeft: number
  /** At that speed. */
  readonly epochSeconds: number
  /** Opening the file and the first pass over all events. */
  readonly scanSeconds: number
  /** From the end of that pass to the first step: weights, or the checkpoint. */
  readonly startSeconds: number
  /** Writing the checkpoint at the end. */
  readonly saveSeconds: number
  /** Peak of the process's resident memory (VmHWM). */
  readonly peakBytes: number
  /** What `estimateTrainingMemory` stated. */
  readonly statedBytes: number
}

/** What `bench:scale` writes. */
export interface ScaleResult extends RunDescription, ScaleSize {
  readonly task: Omit<ScaleTask, 'folder' | 'checkpointPath'>
  readonly eventsFileBytes: number
  readonly checkpointBytes: number
  readonly loadAverage1mAtEnd: number
  /** Until it was stopped, and from its checkpoint on in another process. */
  readonly runs: { readonly first: ScaleRun; readonly resumed: ScaleRun }
}
