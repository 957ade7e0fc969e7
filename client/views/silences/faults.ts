import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'

const faultsSchema = z.looseObject({ fields: z.array(z.looseObject({ path: z.string(), message: z.string() })) })

function fieldsOf({ details }: ErrorBody): { path: string; message: string }[] {
  const read = faultsSchema.safeParse(details)
  return read.success ? read.data.fields : []
}

/** Why the server refused a field; null: it did not. */
export function faultAt(error: ErrorBody, path: string): string | null {
  return fieldsOf(error).find((field) => field.path === path)?.message ?? null
}

/** Why it refused members of a list, by their place. */
export function faultsWithin(error: ErrorBody, list: string): Record<number, string> {
  const found: Record<number, string> = {}
  for (const { path, message } of fieldsOf(error)) {
    const [name, index] = path.split('.')
    if (name === list && index !== undefined && /^\d+$/.test(index)) found[Number(index)] = message
  }
  return found
}
