import { Validator } from '@seriousme/openapi-schema-validator'
import Schema from 'typebox/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './http-server.ts'
import { type OpenApiDocument, operationsOf } from './openapi-operations.ts'

let server: TestServer
let document: OpenApiDocument
beforeAll(async () => {
  server = await startTestServer()
  document = (await server.app.inject('/docs/json')).json()
})
afterAll(() => server.close())

describe('the OpenAPI document', () => {
  test('is valid, and names the parts that contain themselves', async () => {
    const { errors, valid } = await new Validator().validate({ ...structuredClone(document) })
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.components.schemas).sort()).toEqual(['CategoryOutlook', 'Filter'])
  })

  test('says of every operation what it is, what it needs and how it fails', () => {
    const operations = operationsOf(document)
    expect(operations).toHaveLength(17)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(17)
    for (const { operationId, tags, summary, security, responses } of operations) {
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/)
      expect(tags).toHaveLength(1)
      expect(summary.length).toBeGreaterThan(10)
      expect(security).toBeDefined()
      expect(Object.keys(responses).sort()).toEqual(['200', '4XX', '5XX'])
    }
  })

  test('has an example of every body and answer that meets its schema', () => {
    let numExamples = 0
    for (const { operationId, media } of operationsOf(document)) {
      for (const { where, schema, examples } of media) {
        expect(examples.length, `${operationId} ${where}`).toBeGreaterThan(0)
        for (const example of examples) {
          const root = { ...schema, components: document.components }
          const [, errors] = Schema.Errors(root, example)
          expect(errors, `${operationId} ${where}`).toEqual([])
          numExamples++
        }
      }
    }
    expect(numExamples).toBeGreaterThan(50)
  })
})
