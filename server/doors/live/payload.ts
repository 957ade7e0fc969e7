import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'

/** What a live client sent, as the schema has it. @throws UxbridgeError `fields-invalid` with the path of each wrong field */
export function parse<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  throw new UxbridgeError(
    'fields-invalid',
    `Some fields are wrong: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
    {
      fields: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    },
  )
}
