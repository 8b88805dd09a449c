export { createClient, type PerennialClient } from './create-client.ts'
export { PerennialHttpError } from './perennial-http-error.ts'
export type { CallOptions, ClientOptions } from './send-request.ts'
