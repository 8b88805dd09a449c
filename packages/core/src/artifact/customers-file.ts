import { RecommenderError } from '../errors.ts'
import type { ActivityModel } from '../lifecycle/activity-model.ts'
import { ACTIVITY_HORIZONS, type CustomerModels } from '../lifecycle/customer-models.ts'

const COLUMNS = ['means', 'deviations', 'weights'] as const

/** Encodes what was learned of customers as JSON. */
export function encodeCustomerModels(models: CustomerModels): Uint8Array {
  const text = JSON.stringify(models, (_, value: unknown) =>
    value instanceof Float64Array ? Array.from(value) : value,
  )
  return new TextEncoder().encode(`${text}\n`)
}

/**
 * Decodes what {@link encodeCustomerModels} wrote.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if it is no JSON, a part is missing, or it is of another catalogue.
 */
export function decodeCustomerModels(
  bytes: Uint8Array,
  { path, numItems }: { readonly path: string; readonly numItems: number },
): CustomerModels {
  const models = parse(bytes, path)
  for (const part of ['cutDay', 'visits', 'gammaGamma', 'durability', 'outlook', 'notes'] as const)
    if (models[part] === undefined) throw broken(path, `'${part}'`, 'none')
  const { visits, durability } = models as CustomerModels
  const numRecords = durability?.items.length ?? numItems + 1
  if (numRecords !== numItems + 1)
    throw broken(path, `durability of ${numItems} items`, String(numRecords - 1))
  const horizons = visits?.activity.map(({ horizonDays }) => horizonDays)
  if (horizons !== undefined && String(horizons) !== String(ACTIVITY_HORIZONS))
    throw broken(path, `horizons of ${ACTIVITY_HORIZONS.join(', ')} days`, horizons.join(', '))
  return {
    ...(models as CustomerModels),
    visits: visits && {
      ...visits,
      activity: visits.activity.map((rule) => ({
        ...rule,
        logistic: rule.logistic && toColumns(rule.logistic),
      })),
    },
  }
}

/** JSON has lists where the model has typed arrays. */
function toColumns(model: ActivityModel): ActivityModel {
  const columns = COLUMNS.map((name) => [name, Float64Array.from(model[name])])
  return { ...model, ...Object.fromEntries(columns) }
}

function parse(bytes: Uint8Array, path: string): Partial<CustomerModels> {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as Partial<CustomerModels> | null) ?? {}
  } catch (cause) {
    throw new RecommenderError('BAD_ARTIFACT', `Expected ${path} to be JSON.`, { cause })
  }
}

function broken(path: string, expected: string, got: string): RecommenderError {
  return new RecommenderError(
    'BAD_ARTIFACT',
    `Expected ${path} to hold ${expected}, got ${got}. Train again with this version.`,
  )
}
