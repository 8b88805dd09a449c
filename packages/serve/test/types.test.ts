import type { RecommenderError } from '@perennial/core'
import { describe, expectTypeOf, test } from 'vitest'
import {
  type CustomerDescription,
  type ErasureReceipt,
  type Feedback,
  type FeedbackOutcome,
  type Filter,
  type HistoryStore,
  type ItemStore,
  type LoadOptions,
  type MergeReceipt,
  openStores,
  type Reason,
  type Recommendation,
  Recommender,
  type RecommendRequest,
  type RecommendResponse,
  type RecordResult,
  type RunningServer,
  type SimilarItemsResponse,
  type Stores,
  startServer,
  type UserEvent,
} from '../src/index.ts'

// What the compiler is to accept and to refuse. `tsc -p tsconfig.check.json` is what fails here: it checks each
// expectation, and that each refused line is refused.

/** Removes `readonly` of fields: where that changes nothing, a field could be written. */
type Writable<T> = { -readonly [K in keyof T]: T[K] }

const at = '2026-01-31T18:30:00Z'

describe('Recommender', () => {
  test('is loaded from a folder, not constructed', () => {
    expectTypeOf(Recommender.load).toEqualTypeOf<
      (folder: string, options?: LoadOptions) => Promise<Recommender>
    >()
    // @ts-expect-error The constructor is private.
    void (() => new Recommender())
  })

  test('each call takes the named request and promises the named answer', () => {
    expectTypeOf<Recommender['recommend']>().toEqualTypeOf<
      (request: RecommendRequest) => Promise<RecommendResponse>
    >()
    expectTypeOf<Recommender['recommendBatch']>()
      .parameter(0)
      .toEqualTypeOf<readonly RecommendRequest[]>()
    expectTypeOf<Recommender['recommendBatch']>().returns.resolves.toEqualTypeOf<
      RecommendResponse[]
    >()
    expectTypeOf<
      Recommender['similarItems']
    >().returns.resolves.toEqualTypeOf<SimilarItemsResponse>()
    expectTypeOf<
      Recommender['describeCustomer']
    >().returns.resolves.toEqualTypeOf<CustomerDescription>()
    expectTypeOf<Recommender['recordEvents']>().toEqualTypeOf<
      (events: readonly UserEvent[]) => Promise<RecordResult>
    >()
    expectTypeOf<Recommender['eraseUser']>().toEqualTypeOf<
      (userId: string) => Promise<ErasureReceipt>
    >()
    expectTypeOf<Recommender['mergeUsers']>().returns.resolves.toEqualTypeOf<MergeReceipt>()
    expectTypeOf<Recommender['close']>().toEqualTypeOf<() => Promise<void>>()
    expectTypeOf<Recommender['modelVersion']>().toBeString()
  })
})

describe('LoadOptions', () => {
  test('what openStores gives can be spread into them', () => {
    expectTypeOf(openStores).returns.resolves.toEqualTypeOf<Stores>()
    expectTypeOf<Stores>().toExtend<LoadOptions>()
    expectTypeOf<LoadOptions['store']>().toEqualTypeOf<HistoryStore | undefined>()
    expectTypeOf<LoadOptions['items']>().toEqualTypeOf<ItemStore | undefined>()
  })

  test('each is optional, and may be undefined', () => {
    expectTypeOf<Record<string, never>>().toExtend<LoadOptions>()
    const options = {
      store: undefined,
      items: undefined,
      dataset: undefined,
      onTiming: undefined,
      index: undefined,
      maxCachedUsers: undefined,
      signal: undefined,
    } satisfies LoadOptions
    expectTypeOf(options).toExtend<LoadOptions>()
  })

  test('a misspelt name, an unknown index and an address in place of a store are refused', () => {
    // @ts-expect-error No such option.
    void ({ dataSet: 'data' } satisfies LoadOptions)
    // @ts-expect-error No such index.
    void ({ index: 'fast' } satisfies LoadOptions)
    // @ts-expect-error openStores makes a store of an address.
    void ({ store: 'redis://127.0.0.1:6379' } satisfies LoadOptions)
    // @ts-expect-error What was erased is read from the store.
    void ({ erasures: new Map() } satisfies LoadOptions)
  })
})

describe('RecommendRequest', () => {
  test('each field is optional, may be undefined, and is only read', () => {
    expectTypeOf<Partial<RecommendRequest>>().toEqualTypeOf<RecommendRequest>()
    expectTypeOf<Record<keyof RecommendRequest, undefined>>().toExtend<RecommendRequest>()
    expectTypeOf<Writable<RecommendRequest>>().not.toEqualTypeOf<RecommendRequest>()
    expectTypeOf<RecommendRequest['userId']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<RecommendRequest['k']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<RecommendRequest['filter']>().toEqualTypeOf<Filter | undefined>()
  })

  test('lists may be frozen', () => {
    const history = [{ itemId: 'tea', timestamp: at }] as const
    const request = { history, exclude: ['pan'] as const, k: 5 } satisfies RecommendRequest
    expectTypeOf(request).toExtend<RecommendRequest>()
  })

  test('a time that is no text, a misspelt field and an event without a time are refused', () => {
    // @ts-expect-error Times are RFC 3339 texts.
    void ({ userId: 'ann', asOf: new Date() } satisfies RecommendRequest)
    // @ts-expect-error The field is userId.
    void ({ userID: 'ann' } satisfies RecommendRequest)
    // @ts-expect-error Each event has a time.
    void ({ history: [{ itemId: 'tea' }] } satisfies RecommendRequest)
    // @ts-expect-error Rotation is off or has options.
    void ({ userId: 'ann', rotation: true } satisfies RecommendRequest)
  })
})

describe('Filter', () => {
  test('takes each form, and forms within forms', () => {
    const filter = {
      all: [
        { field: 'price', min: 1, max: undefined },
        { field: 'itemId', in: ['tea', 'pan'] },
        { field: 'stock', in: [1, 2] },
        { field: 'organic', in: [true] },
        { field: 'brand', notIn: ['Acme'] },
        { field: 'categoryPath', under: ['Drinks', 'Tea'] },
        { any: [{ not: { field: 'price', max: 30 } }] },
      ],
    } as const
    expectTypeOf(filter).toExtend<Filter>()
  })

  test('refuses a bound that is no number, values of two types, and levels of another field', () => {
    // @ts-expect-error Bounds are numbers.
    void ({ field: 'price', max: '30' } satisfies Filter)
    // @ts-expect-error Values are of one type.
    void ({ field: 'brand', in: ['Acme', 3] } satisfies Filter)
    // @ts-expect-error Only category paths have levels.
    void ({ field: 'brand', under: ['Acme'] } satisfies Filter)
    // @ts-expect-error One filter is negated, not a list.
    void ({ not: [{ field: 'price', max: 30 }] } satisfies Filter)
    // @ts-expect-error A filter is data, no function.
    void (((price: number) => price < 30) satisfies Filter)
  })
})

describe('RecommendResponse', () => {
  test('items are a list that is only read', () => {
    expectTypeOf<RecommendResponse['items']>().toEqualTypeOf<readonly Recommendation[]>()
    expectTypeOf<SimilarItemsResponse['items']>().toEqualTypeOf<readonly Recommendation[]>()
    expectTypeOf<Writable<Recommendation>>().not.toEqualTypeOf<Recommendation>()
    expectTypeOf<RecommendResponse['path']>().toEqualTypeOf<'model' | 'popular'>()
    expectTypeOf<RecommendResponse['recommendationId']>().toBeString()
  })

  test('what may be missing of an item must be looked at first', () => {
    expectTypeOf<Recommendation['itemId']>().toBeString()
    expectTypeOf<Recommendation['rank']>().toBeNumber()
    expectTypeOf<Recommendation['score']>().toEqualTypeOf<number | null>()
    expectTypeOf<Recommendation['title']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Recommendation['price']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Recommendation['reason']>().toEqualTypeOf<Reason | undefined>()
    expectTypeOf<Recommendation['alsoReasons']>().toEqualTypeOf<readonly Reason[] | undefined>()
  })

  test('a field of an item is there or absent, never undefined', () => {
    const found = { itemId: 'tea', rank: 1, score: 0.5, trained: true }
    void (found satisfies Recommendation)
    // @ts-expect-error Absent without a title.
    void ({ ...found, title: undefined } satisfies Recommendation)
  })
})

describe('Reason', () => {
  test('has the codes that a caller can have texts for', () => {
    expectTypeOf<Reason['code']>().toEqualTypeOf<
      | 'repeat'
      | 'because-of'
      | 'sequence'
      | 'similar-customers'
      | 'popular'
      | 'goes-with'
      | 'new-in-category'
      | 'popular-in-category'
      | 'fits-budget'
    >()
  })

  test('is narrowed by its code', () => {
    const describeReason = (reason: Reason): string => {
      switch (reason.code) {
        case 'repeat':
          expectTypeOf(reason.timesBought).toBeNumber()
          expectTypeOf(reason.typicalGapDays).toEqualTypeOf<number | null>()
          return 'again'
        case 'because-of':
        case 'goes-with':
          expectTypeOf(reason.itemId).toBeString()
          expectTypeOf(reason.title).toEqualTypeOf<string | null>()
          return 'with'
        case 'new-in-category':
        case 'popular-in-category':
          expectTypeOf(reason.category).toEqualTypeOf<readonly string[]>()
          return 'category'
        case 'fits-budget':
          expectTypeOf(reason.max).toEqualTypeOf<number | null>()
          return 'budget'
        case 'sequence':
        case 'similar-customers':
        case 'popular':
          // @ts-expect-error These say nothing of an item.
          void reason.itemId
          return 'taste'
      }
    }
    expectTypeOf(describeReason).returns.toBeString()
  })
})

describe('recordEvents and recordFeedback', () => {
  test('an event names a user, an item and a time', () => {
    expectTypeOf<Pick<UserEvent, 'userId' | 'itemId' | 'timestamp'>>().toExtend<UserEvent>()
    void ({ userId: 'ann', itemId: 'tea', timestamp: at, eventId: undefined } satisfies UserEvent)
    // @ts-expect-error Each event has a user.
    void ({ itemId: 'tea', timestamp: at } satisfies UserEvent)
    // @ts-expect-error Times are RFC 3339 texts, no numbers.
    void ({ userId: 'ann', itemId: 'tea', timestamp: 1_769_884_200_000 } satisfies UserEvent)
  })

  test('what became of the events is counted', () => {
    expectTypeOf<RecordResult>().toEqualTypeOf<{
      readonly accepted: number
      readonly duplicates: number
      readonly tooOld: number
      readonly withoutConsent: number
      readonly unknownItemIds: readonly string[]
    }>()
  })

  test('feedback has one of four outcomes', () => {
    expectTypeOf<FeedbackOutcome>().toEqualTypeOf<'shown' | 'clicked' | 'bought' | 'dismissed'>()
    void ({
      recommendationId: 'id',
      // @ts-expect-error No such outcome.
      items: [{ itemId: 'tea', outcome: 'seen' }],
    } satisfies Feedback)
  })
})

describe('startServer', () => {
  test('promises a server with its address', () => {
    expectTypeOf(startServer).returns.resolves.toEqualTypeOf<RunningServer>()
    expectTypeOf<RunningServer['url']>().toBeString()
    // @ts-expect-error An artifact is needed.
    void ({} satisfies Parameters<typeof startServer>[0])
  })
})

describe('RecommenderError', () => {
  test('its codes are a closed list', () => {
    expectTypeOf<'STORE_UNAVAILABLE'>().toExtend<RecommenderError['code']>()
    expectTypeOf<'NO_SUCH_CODE'>().not.toExtend<RecommenderError['code']>()
  })
})
