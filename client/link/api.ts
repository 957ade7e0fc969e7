import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { readError } from './commands.ts'

export type Answer<T> = { ok: true; value: T } | { ok: false; error: ErrorBody }

/** Requests to the server's own HTTP doors. Never rejects: what went wrong is an answer that says what to do. */
export interface Api {
  ask<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    schema: z.ZodType<T>,
    body?: unknown,
  ): Promise<Answer<T>>
}

export const unreachable: ErrorBody = {
  code: 'not-ready',
  message: 'The server cannot be reached. Nothing was changed; try again in a moment.',
}

/** Answers of which nothing is read. */
export const nothing = z.unknown().transform(() => null)

export function makeApi(fetcher: typeof fetch): Api {
  return {
    async ask(method, path, schema, body) {
      let response: Response
      try {
        response = await fetcher(path, {
          method,
          credentials: 'same-origin',
          // Another site cannot set a header of our own without asking first (trust.md: custom header on writes).
          headers: {
            accept: 'application/json',
            'x-uxbridge': '1',
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
      } catch {
        return { ok: false, error: unreachable }
      }
      const raw = await read(response)
      if (!response.ok) return { ok: false, error: readError(raw) ?? plainError(response) }
      const parsed = schema.safeParse(raw)
      if (parsed.success) return { ok: true, value: parsed.data }
      return {
        ok: false,
        error: { code: 'internal', message: 'The server answered in a way this page cannot read. Reload the page.' },
      }
    },
  }
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function plainError(response: Response): ErrorBody {
  return {
    code: 'internal',
    message: `The server answered ${response.status} without saying why. Try again; its log may tell more.`,
  }
}
