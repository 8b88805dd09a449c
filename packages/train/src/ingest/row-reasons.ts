/**
 * Every reason for which a row is not kept, in the merchant's words. A row counts under the first that
 * applies, in this order.
 *
 * `malformed`: the row cannot be read. `rule`: it was read, and a rule leaves it out.
 */
export const ROW_REASONS = {
  brokenQuotes: {
    kind: 'malformed',
    label: 'Quotes do not match',
    wayOut: 'Write a quote inside a quoted value twice (""), and close every quoted value.',
  },
  brokenJson: {
    kind: 'malformed',
    label: 'Line is not a JSON object',
    wayOut: 'Write one complete JSON object on each line.',
  },
  fieldCount: {
    kind: 'malformed',
    label: 'Number of values differs from the header',
    wayOut:
      'Put values that contain the delimiter in quotes, or name the delimiter with --delimiter.',
  },
  itemMissing: {
    kind: 'malformed',
    label: 'No item id',
    wayOut: 'Fill the item column, or name another with --item-column.',
  },
  timestampUnreadable: {
    kind: 'malformed',
    label: 'Time cannot be read',
    wayOut: 'Name the format with --timestamp-format, for example "dd/MM/yyyy HH:mm".',
  },
  timestampWithoutZone: {
    kind: 'malformed',
    label: 'Time carries no offset from UTC',
    wayOut: 'Name the zone of local times with --time-zone, for example Europe/London.',
  },
  timestampInGap: {
    kind: 'malformed',
    label: 'Local time does not exist (clocks went forward)',
    wayOut: 'Check --time-zone: the hour was skipped in that zone. UTC has no such gaps.',
  },
  quantityUnreadable: {
    kind: 'malformed',
    label: 'Quantity is not a number',
    wayOut:
      'Say what a comma means with --decimal "," or --decimal ".", or use --quantity-column none to count 1 a row.',
  },
  priceUnreadable: {
    kind: 'malformed',
    label: 'Price is not a number',
    wayOut:
      'Say what a comma means with --decimal "," or --decimal ".", take out currency signs, or use --price-column none.',
  },
  priceNegative: {
    kind: 'malformed',
    label: 'Price is below zero',
    wayOut: 'Write returns as a negative quantity with a positive price.',
  },
  eventTypeMissing: {
    kind: 'malformed',
    label: 'No event type',
    wayOut: 'Fill the event column, or use --event-column none to read every row as a purchase.',
  },
  currencyMissing: {
    kind: 'malformed',
    label: 'No currency',
    wayOut: 'Fill the currency column, or use --currency-column none with --currency.',
  },
  cancellation: {
    kind: 'rule',
    label: 'Cancellation',
    wayOut: 'The order id starts with --cancel-prefix; leave the option out to keep such rows.',
  },
  returned: {
    kind: 'rule',
    label: 'Return (quantity below zero)',
    wayOut: 'Nothing to do: what came back is not a wish to buy.',
  },
  zeroQuantity: {
    kind: 'rule',
    label: 'Quantity is zero',
    wayOut: 'Use --quantity-column none to count 1 a row.',
  },
  unknownCustomer: {
    kind: 'rule',
    label: 'Unknown customer',
    wayOut: 'Name another customer column with --user-column if one is filled for these rows.',
  },
  notAProduct: {
    kind: 'rule',
    label: 'Not a product',
    wayOut: 'The item id does not match --item-pattern; change or drop the pattern to keep it.',
  },
  free: {
    kind: 'rule',
    label: 'Free or adjustment (price is zero)',
    wayOut: 'Leave out --drop-free to keep such rows.',
  },
  priceAboveLimit: {
    kind: 'rule',
    label: 'Price is absurd (above the limit)',
    wayOut: 'Raise --max-price if the price is right.',
  },
  dateOutOfRange: {
    kind: 'rule',
    label: 'Date out of range',
    wayOut: 'Change --min-date or --max-date if the date is right.',
  },
  otherCurrency: {
    kind: 'rule',
    label: 'Other currency than most rows',
    wayOut: 'Convert prices to one currency before ingest.',
  },
  duplicate: {
    kind: 'rule',
    label: 'Duplicate of an earlier row',
    wayOut: 'Use --keep-duplicates if identical rows are separate sales.',
  },
} as const

/** One of {@link ROW_REASONS}. */
export type RowReason = keyof typeof ROW_REASONS
