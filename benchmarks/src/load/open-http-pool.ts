import { connect, type Socket } from 'node:net'

/** An answer of an HTTP server. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** Connections to one server, each with one request at a time. */
export interface HttpPool {
  /**
   * Sends a request on a free connection, or on the first that becomes free.
   *
   * @param body - JSON; a request without one has none.
   */
  request(method: string, path: string, body?: string): Promise<HttpAnswer>
  /** Closes the connections; requests under way fail. */
  close(): void
}

/** Options of {@link openHttpPool}. */
export interface HttpPoolOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /** Most connections open at once, 1 or more. */
  readonly maxConnections: number
}

interface Waiting {
  readonly text: string
  readonly resolve: (answer: HttpAnswer) => void
  readonly reject: (error: Error) => void
}

interface Connection {
  readonly socket: Socket
  waiting: Waiting | undefined
  received: Buffer
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Opens connections to a server as requests need them and keeps them.
 *
 * It knows as much of HTTP/1.1 as the server of this project says, answers with a `content-length`, and
 * costs about a tenth of what `fetch` does, so that on few cores the load generator takes little from the
 * server that it measures.
 */
export function openHttpPool({ url, maxConnections }: HttpPoolOptions): HttpPool {
  const { hostname, port, host } = new URL(url)
  const free: Connection[] = []
  const connections = new Set<Connection>()
  const queue: Waiting[] = []
  let queueStart = 0
  let closed = false

  const nextInQueue = (): Waiting | undefined => {
    const next = queue[queueStart]
    if (next === undefined) return undefined
    queueStart++
    if (queueStart > 1000) {
      queue.splice(0, queueStart)
      queueStart = 0
    }
    return next
  }
  const start = (connection: Connection, waiting: Waiting): void => {
    connection.waiting = waiting
    connection.socket.write(waiting.text, 'utf8')
  }
  const end = (connection: Connection, error: Error): void => {
    if (!connections.delete(connection)) return
    const place = free.indexOf(connection)
    if (place >= 0) free.splice(place, 1)
    connection.socket.destroy()
    connection.waiting?.reject(error)
    const next = closed ? undefined : nextInQueue()
    if (next !== undefined) start(open(), next)
  }
  const receive = (connection: Connection, chunk: Buffer): void => {
    const { received, waiting } = connection
    connection.received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const answer = readAnswer(connection.received)
    if (answer === undefined) return
    if (waiting === undefined || answer instanceof Error) {
      end(connection, answer instanceof Error ? answer : new Error('An answer to no request.'))
      return
    }
    connection.received = Buffer.alloc(0)
    connection.waiting = undefined
    waiting.resolve(answer)
    if (answer.isLast) {
      end(connection, new Error('Closed by the server.'))
      return
    }
    const next = nextInQueue()
    if (next === undefined) free.push(connection)
    else start(connection, next)
  }
  const open = (): Connection => {
    const socket = connect({ host: hostname, port: Number(port) }).setNoDelay(true)
    const connection: Connection = { socket, waiting: undefined, received: Buffer.alloc(0) }
    connections.add(connection)
    socket.on('data', (chunk) => receive(connection, chunk))
    socket.on('error', (error) => end(connection, error))
    socket.on('close', () => end(connection, new Error('The server closed the connection.')))
    return connection
  }
  return {
    request(method, path, body) {
      const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
      const type = body === undefined ? '' : 'content-type: application/json\r\n'
      const text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${type}${length}\r\n${body ?? ''}`
      return new Promise((resolve, reject) => {
        const waiting = { text, resolve, reject }
        if (closed) reject(new Error('The pool is closed.'))
        else {
          // The one that rested longest, so that none rests until the server closes it.
          const connection = free.shift()
          if (connection !== undefined) start(connection, waiting)
          else if (connections.size < maxConnections) start(open(), waiting)
          else queue.push(waiting)
        }
      })
    },
    close() {
      closed = true
      const error = new Error('The pool was closed.')
      for (const connection of [...connections]) end(connection, error)
      for (const { reject } of queue.splice(queueStart)) reject(error)
    },
  }
}

/** Returns the answer that `bytes` hold, or `undefined` when its end is yet to come. */
function readAnswer(bytes: Buffer): (HttpAnswer & { isLast: boolean }) | Error | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const status = Number(head.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/.exec(head)
  if (length === null && status !== 204) {
    return new Error(`Expected an answer with content-length, got one of status ${status} without.`)
  }
  const bodyStart = headEnd + HEAD_END.length
  const bodyEnd = bodyStart + Number(length?.[1] ?? 0)
  if (bytes.length < bodyEnd) return undefined
  const isLast = head.includes('\r\nconnection: close')
  return { status, body: bytes.toString('utf8', bodyStart, bodyEnd), isLast }
}
