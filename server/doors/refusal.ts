import { type ErrorBody, UxbridgeError } from '#shared/errors.ts'
import { withNames } from '#shared/incident/guards.ts'

/** What answering an error needs. */
export interface RefusalParts {
  nameOf(personId: string): string
  log: { error(fields: object, message: string): void }
}

/** An error as any door answers it: status, body, and seconds until another try makes sense. */
export interface Refusal {
  status: number
  body: ErrorBody
  retryAfterS: number | null
}

/** Another try makes sense after so long, where the refusal does not say. */
const usualRetryS = 5

/**
 * Any error, as an outsider may see it. People are named here and nowhere before: facts, stored answers and the audit
 * hold ids. What is not one of ours is a fault: it is logged, and the outsider gets a number to find it by.
 */
export function refusalOf(error: unknown, { nameOf, log }: RefusalParts): Refusal {
  const known = error instanceof UxbridgeError ? error : unread(error)
  if (known === null) {
    const incident = crypto.randomUUID().slice(0, 8)
    log.error({ err: error, incident }, 'a request failed through a fault of ours')
    const fault = new UxbridgeError(
      'internal',
      `That failed through a fault of ours. Try again; if it stays, give your administrator the number ${incident}, which the log has too.`,
      { incident },
    )
    return { status: fault.status, body: fault.body(), retryAfterS: null }
  }
  const { code, message, details } = known.body()
  const said = details?.retryAfterS
  const retryAfterS =
    typeof said === 'number' ? said : known.status === 503 || known.status === 429 ? usualRetryS : null
  return {
    status: known.status,
    body: {
      code,
      message: withNames(message, nameOf),
      ...(details === undefined ? {} : { details: named(details, nameOf) }),
    },
    retryAfterS,
  }
}

/** `owner` becomes `{ id, name }`; mentions in words become names. */
function named(details: Record<string, unknown>, nameOf: (personId: string) => string): Record<string, unknown> {
  const words = (value: unknown): unknown =>
    typeof value === 'string' ? withNames(value, nameOf) : Array.isArray(value) ? value.map(words) : value
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      key === 'owner' && typeof value === 'string' ? { id: value, name: nameOf(value) } : words(value),
    ]),
  )
}

/** Errors of the parts that read requests, by the `type` and `status` they document (body-parser, express). */
function unread(error: unknown): UxbridgeError | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null
  if (error.status === 413) return tooLarge('limit' in error && typeof error.limit === 'number' ? error.limit : null)
  if (error.status === 415)
    return new UxbridgeError(
      'media-type-unsupported',
      `${error.message}. Send UTF-8 JSON, plain or as gzip, deflate or br.`,
    )
  // Express, for a path that is no valid percent-encoding.
  if (error.status === 400 && error instanceof URIError)
    return new UxbridgeError('not-found', 'There is nothing at this address.')
  if (error.status >= 400 && error.status < 500)
    return new UxbridgeError('body-malformed', `The body could not be read: ${error.message}.`)
  return null
}

function tooLarge(limit: number | null): UxbridgeError {
  return new UxbridgeError(
    'body-too-large',
    `The body is larger than this door takes${limit === null ? '' : ` (${limit} bytes)`}. Send less at once.`,
    limit === null ? undefined : { limit },
  )
}
