import { isIPv4 } from 'node:net'

/** Returns whether a server that listens on `host` can be reached from its own machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}
