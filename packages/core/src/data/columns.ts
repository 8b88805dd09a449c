/** Column names of `events.arrow`. */
export const EVENT_COLUMNS = {
  userId: 'user_id',
  itemId: 'item_id',
  timestamp: 'timestamp',
  quantity: 'quantity',
  price: 'price',
  eventType: 'event_type',
} as const

/** Column names of `items.arrow`. `vector`, `popularity` and `trained` exist in an artifact only. */
export const ITEM_COLUMNS = {
  itemId: 'item_id',
  title: 'title',
  categoryPath: 'category_path',
  price: 'price',
  popularity: 'popularity',
  trained: 'trained',
  vector: 'vector',
} as const

/** Milliseconds in a day, the unit of baskets and half-lives. */
export const DAY_MS = 86_400_000
