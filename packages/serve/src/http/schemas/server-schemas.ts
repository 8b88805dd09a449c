import Type, { type TSchema, type TUnsafe } from 'typebox'
import type { ReloadResult } from '../../recommender.ts'

/** Answer of `GET /healthz`. */
export interface Health {
  readonly status: 'ok'
  readonly modelVersion: string
  readonly index: { readonly kind: string }
  readonly numItems: number
}

/** Schema of {@link Health}. */
export const healthSchema: TUnsafe<Health> = Type.Unsafe<Health>(
  Type.Object(
    {
      status: Type.Literal('ok'),
      modelVersion: Type.String(),
      index: Type.Object({
        kind: Type.String({ description: 'The search structure in use.' }),
      }),
      numItems: Type.Integer(),
    } satisfies Record<keyof Health, TSchema>,
    {
      description: 'What is being served.',
      examples: [
        {
          status: 'ok',
          modelVersion: 'shop@2026-01-31',
          index: { kind: 'exact-float32' },
          numItems: 1200,
        },
      ],
    },
  ),
)

/** Answer of `GET /readyz`. */
export const readinessSchema: TUnsafe<{ readonly status: 'ready' }> = Type.Unsafe(
  Type.Object(
    { status: Type.Literal('ready') },
    { description: 'Requests are taken.', examples: [{ status: 'ready' }] },
  ),
)

/** Answer of `GET /metrics`: text, as Prometheus reads it. */
export const metricsSchema: {
  readonly description: string
  readonly content: { readonly 'text/plain': { readonly schema: TSchema } }
} = {
  description: 'One line a value.',
  content: {
    'text/plain': {
      schema: Type.String({
        examples: ['perennial_stage_duration_seconds_count{stage="encode"} 42'],
      }),
    },
  },
}

/** Answer of `POST /v1/store/compact`. */
export interface CompactResult {
  /** How long that took. */
  readonly seconds: number
}

/** Schema of {@link CompactResult}. */
export const compactResultSchema: TUnsafe<CompactResult> = Type.Unsafe<CompactResult>(
  Type.Object(
    {
      seconds: Type.Number({ minimum: 0, description: 'How long that took.' }),
    } satisfies Record<keyof CompactResult, TSchema>,
    {
      description: 'The files of the store hold nothing of what was erased before.',
      examples: [{ seconds: 1.2 }],
    },
  ),
)

/** Answer of `POST /v1/model/reload`. */
export const reloadResultSchema: TUnsafe<ReloadResult> = Type.Unsafe<ReloadResult>(
  Type.Object(
    {
      modelVersion: Type.String({ description: 'What is served now.' }),
      previousModelVersion: Type.String({ description: 'What was served before.' }),
    } satisfies Record<keyof ReloadResult, TSchema>,
    {
      description: 'The model was loaded and answers.',
      examples: [{ modelVersion: 'shop@2026-02-07', previousModelVersion: 'shop@2026-01-31' }],
    },
  ),
)
