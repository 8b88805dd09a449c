import Type, { type TSchema, type TUnsafe } from 'typebox'
import type { ErasureReceipt, MergeReceipt } from '../../user-erasure.ts'
import type { MergeUsersRequest } from '../recommender-port.ts'
import { Count, closed, Id, Time } from './shared-schemas.ts'

const receiptId = Type.String({ description: 'Names the receipt.' })

/** Answer of `DELETE /v1/users/{userId}`. */
export const erasureReceiptSchema: TUnsafe<ErasureReceipt> = Type.Unsafe<ErasureReceipt>(
  Type.Object(
    {
      receiptId,
      erasedAt: Time('When it was done.'),
      erased: Type.Array(
        Type.Object({
          place: Type.Enum(['history-store', 'query-cache', 'lifecycle-state']),
          what: Type.String(),
        }),
        { description: 'What was erased, one entry a place.' },
      ),
      remaining: Type.Array(
        Type.Object({
          place: Type.Enum(['model', 'store-files']),
          what: Type.String(),
          until: Type.String({ description: 'When it stops to reflect the user.' }),
        }),
        { description: 'What still reflects the user.' },
      ),
    } satisfies Record<keyof ErasureReceipt, TSchema>,
    {
      description: 'What was erased where, and what remains until when.',
      examples: [
        {
          receiptId: '5d0e0c1c-0c4e-4c8e-9d8c-1b1f8c9a7e55',
          erasedAt: '2026-02-01T00:00:00.000Z',
          erased: [{ place: 'history-store', what: '12 events and 3 shown items' }],
          remaining: [
            { place: 'model', what: 'weights learned with his events', until: 'the next training' },
          ],
        } satisfies ErasureReceipt,
      ],
    },
  ),
)

/** Body of `POST /v1/users/merge`. */
export const mergeRequestSchema: TUnsafe<MergeUsersRequest> = Type.Unsafe<MergeUsersRequest>(
  Type.Object(
    {
      fromUserId: Id('Whose events move; this user is unknown afterwards.'),
      intoUserId: Id('Who gets them.'),
    } satisfies Record<keyof MergeUsersRequest, TSchema>,
    { ...closed, examples: [{ fromUserId: 'guest-4711', intoUserId: 'C0007' }] },
  ),
)

/** Answer of `POST /v1/users/merge`. */
export const mergeReceiptSchema: TUnsafe<MergeReceipt> = Type.Unsafe<MergeReceipt>(
  Type.Object(
    {
      numMoved: Count('Events moved; those that the user had already are not counted.'),
    } satisfies Record<keyof MergeReceipt, TSchema>,
    { description: 'What became of the merge.', examples: [{ numMoved: 3 }] },
  ),
)
