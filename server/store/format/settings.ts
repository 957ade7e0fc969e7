import type { ZodError } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'

/** What is said of a setting that cannot be read: it names the row, and what to do. */
export function corruptSetting(kind: string, id: string, error: ZodError | undefined): UxbridgeError {
  const issue = error?.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return new UxbridgeError(
    'store-corrupt',
    `The setting ${kind} ${id} cannot be read (${where}${issue?.message ?? 'it has another form'}). Run "npm run ops -- audit verify", and restore a backup if it names this row.`,
    { row: `${kind} ${id}` },
  )
}
