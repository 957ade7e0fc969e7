import { describe, expect, it } from 'vitest'
import { errorTable } from '#shared/errors.ts'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import { makeMemoryStore } from '../store/index.ts'
import { depthOf } from './body.ts'
import { apiRoutes } from './http.ts'
import { openapiOf } from './openapi.ts'
import { policyJsonSchema } from './routes/system.ts'
import { trialApi, trialCommandRoom } from './trial/index.ts'

const clock = trialClock()
const store = makeMemoryStore()
const parts = trialParts(store, clock)
const routes = apiRoutes(
  trialApi({ access: makeAccess(parts), read: store.read, clock, commandRoom: trialCommandRoom(parts.record) }),
)
const document = JSON.parse(JSON.stringify(openapiOf(routes, '1.2.3')))

describe('the OpenAPI document', () => {
  it('is 3.1 and has every route, with its action', () => {
    expect(document.openapi).toBe('3.1.0')
    for (const { method, path, action } of routes) {
      const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method]
      expect(operation?.['x-action'], `${method} ${path}`).toBe(action)
    }
  })

  it('operation ids are unique, and every path parameter is declared', () => {
    const ids = new Set()
    for (const [path, operations] of Object.entries<
      Record<string, { operationId: string; parameters?: { in: string; name: string }[] }>
    >(document.paths))
      for (const { operationId, parameters = [] } of Object.values(operations)) {
        expect(ids.has(operationId), operationId).toBe(false)
        ids.add(operationId)
        const declared = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => `{${name}}`)
        expect(path.match(/\{\w+\}/g) ?? []).toEqual(declared)
      }
  })

  it('every reference leads somewhere, and errors list every code', () => {
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g))
      expect(document.components.schemas).toHaveProperty([name ?? ''])
    expect(document.components.schemas.Error.properties.code.enum).toEqual(Object.keys(errorTable))
  })

  it('where a vendor’s protocol fixes the body of refusals, that one is described', () => {
    const schemaOf = (path: string) =>
      document.paths[path].get.responses['403'].content['application/json'].schema.$ref.split('/').at(-1)
    expect(['/api/v2/alerts', '/api/incidents'].map(schemaOf)).toEqual(['VendorError', 'Error'])
    expect(document.paths['/api/v2/silence/{silenceID}'].delete.responses['200']).toEqual({ description: 'Done' })
  })

  it('bodies are described as they are sent: what has a default may be left out', () => {
    const body = document.paths['/api/incidents'].post.requestBody.content['application/json'].schema
    expect(body.required).toEqual(['title'])
  })
})

describe('the JSON Schema of the policy', () => {
  it('describes durations and matchers as text', () => {
    const schema = policyJsonSchema() as {
      properties: Record<string, { type?: string; items?: { properties: Record<string, { type?: string }> } }>
    }
    expect(schema.properties.reopen_within?.type).toBe('string')
    expect(schema.properties.services?.items?.properties.tier).toBeDefined()
  })
})

describe('depthOf', () => {
  it('counts nesting, and no brackets in strings', () => {
    const depth = (text: string) => depthOf(Buffer.from(text))
    expect([
      depth('1'),
      depth('[]'),
      depth('{"a":[{}]}'),
      depth('["[[[{{{"]'),
      depth('["\\"[[["]'),
      depth('["\\\\"]'),
    ]).toEqual([0, 1, 3, 1, 1, 1])
  })
})
