import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { type ErrorCode, errorTable } from '#shared/errors.ts'
import type { Route } from './routes/route.ts'

const errorBody = z
  .strictObject({
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().describe('Says what to do'),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' })

/** Where a vendor's protocol fixes the body: its words alone, or with a number of its own. */
const vendorErrorBody = z
  .union([z.string(), z.strictObject({ code: z.number(), message: z.string() })])
  .meta({ id: 'VendorError' })

const bytes = z.string().meta({ format: 'binary' })
const json = (schema: z.ZodType) => ({ 'application/json': { schema } })

function operationOf(route: Route): ZodOpenApiOperationObject {
  const refusal = (means: string) => ({
    description: means,
    content: json(route.refuse === null ? errorBody : vendorErrorBody),
  })
  const content =
    route.answer === 'text'
      ? { 'text/plain': { schema: z.string() } }
      : route.answer === 'file'
        ? { 'application/octet-stream': { schema: bytes } }
        : route.answer && json(route.answer)
  return {
    operationId: [route.method, ...route.path.split('/').map((part) => part.replace(/^:/, 'by-').replaceAll('.', '-'))]
      .filter(Boolean)
      .join('-'),
    summary: route.summary,
    tags: [route.tag],
    'x-action': route.action,
    ...(route.action === 'public' ? { security: [] } : {}),
    requestParams: {
      ...(route.params === null ? {} : { path: route.params }),
      ...(route.query === null ? {} : { query: route.query }),
      ...(route.upload === null ? {} : { header: route.upload.omit({ 'content-length': true }) }),
    },
    ...(route.body === null ? {} : { requestBody: { required: true, content: json(route.body) } }),
    ...(route.upload === null
      ? {}
      : { requestBody: { required: true, content: { 'application/octet-stream': { schema: bytes } } } }),
    responses: {
      [`${route.status}`]: {
        description: route.answer === null ? 'Done' : route.summary,
        ...(content === null ? {} : { content }),
      },
      ...(route.action === 'public' ? {} : { '401': refusal('Not signed in'), '403': refusal('Not allowed') }),
      ...(route.params === null ? {} : { '404': refusal('Not found') }),
      ...(route.body === null ? {} : { '409': refusal('The state forbids it'), '415': refusal('Not JSON') }),
      ...(route.body === null && route.query === null
        ? {}
        : { '422': refusal('Some fields are wrong; `details.fields` has their paths') }),
      default: refusal('Any other refusal or failure'),
    },
  }
}

/** OpenAPI 3.1 of all routes, from the schemas that validate the requests. */
export function openapiOf(routes: readonly Route[], version: string): object {
  const paths: Record<string, ZodOpenApiPathsObject[string]> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Uxbridge', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ session: [] }, { token: [] }],
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'uxbridge',
          description:
            '`__Host-uxbridge` over https. Writes need `Content-Type: application/json` and, from a browser, our own Origin.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `uxt_…`' },
      },
    },
    paths,
  })
}
