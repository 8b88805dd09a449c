import { type EncoderConfig, encodeSequences, parameterShapes } from '@perennial/core'
import type { NetworkDefinition } from './program.ts'

/** Returns the network that encodes sequences, as it is recorded. */
export function encoderDefinition(config: EncoderConfig): NetworkDefinition {
  return {
    inputWidth: config.dim,
    shapes: parameterShapes(config),
    define: (ops, input) => encodeSequences(ops, input, config),
  }
}
