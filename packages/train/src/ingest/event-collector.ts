import { EventLog } from './event-log.ts'
import { copyString, IdTable } from './id-table.ts'
import type { RowReason } from './row-reasons.ts'
import { RowTally } from './row-tally.ts'

/** What has been read so far: kept events, their ids, and counts of what was not kept. */
export class EventCollector {
  readonly log: EventLog = new EventLog()
  readonly users: IdTable = new IdTable()
  readonly items: IdTable = new IdTable()
  readonly eventTypes: IdTable = new IdTable()
  readonly currencies: IdTable = new IdTable()
  /** Title and category text by item, the last that was not empty. */
  readonly titles: (string | undefined)[] = []
  readonly categories: (string | undefined)[] = []
  readonly tally: RowTally = new RowTally()
  readonly #files: { readonly file: string; readonly firstEvent: number }[] = []
  numRows = 0

  /** Tells that the next events come from another file. */
  startFile(file: string): void {
    this.#files.push({ file, firstEvent: this.log.length })
  }

  /** Counts a logged event as not kept after all. */
  dropEvent(i: number, reason: RowReason, column: string | null, value: string): void {
    const { file } = this.#files.findLast(({ firstEvent }) => firstEvent <= i) as { file: string }
    this.tally.add(reason, { file, row: this.log.at('sourceRow', i), column, value })
  }

  /** Keeps what a row says about its item. */
  describeItem(itemRow: number, title: string, category: string): void {
    if (title !== '' && this.titles[itemRow] !== title) this.titles[itemRow] = copyString(title)
    if (category !== '' && this.categories[itemRow] !== category) {
      this.categories[itemRow] = copyString(category)
    }
  }
}
