/** Numbers that wait in an inbox at most. */
const CAPACITY = 64
/** Place of the count of numbers ever put in; the numbers follow it. */
const COUNT = 0

/**
 * Memory through which one thread hands numbers to another that waits for them: to wake a thread this way takes a fifth of
 * the time of a message.
 */
export type ThreadInbox = Int32Array

/** Creates an empty inbox. */
export function createInbox(): ThreadInbox {
  return new Int32Array(new SharedArrayBuffer(4 * (1 + CAPACITY)))
}

/** Puts a number in and wakes who waits; no more than 64 may be in it that were not taken. */
export function putInInbox(inbox: ThreadInbox, value: number): void {
  const count = Atomics.load(inbox, COUNT)
  Atomics.store(inbox, 1 + (count % CAPACITY), value)
  // The count wraps around below 2^31, at a multiple of the capacity.
  Atomics.store(inbox, COUNT, (count + 1) % 2 ** 30)
  Atomics.notify(inbox, COUNT)
}

/**
 * Waits until more numbers were put in than `taken`, and returns the next one. Holds the calling thread.
 *
 * @param taken - Numbers taken so far, modulo 2^30.
 */
export function takeFromInbox(inbox: ThreadInbox, taken: number): number {
  while (Atomics.load(inbox, COUNT) === taken) Atomics.wait(inbox, COUNT, taken)
  return Atomics.load(inbox, 1 + (taken % CAPACITY))
}

/** Returns the number of numbers taken after one more. */
export function countTaken(taken: number): number {
  return (taken + 1) % 2 ** 30
}
