/**
 * Every refusal or failure that an outsider can meet, with its stable code, HTTP status and meaning.
 * Rule E1: each code has a row here, is documented by its `means`, and is thrown somewhere that a test covers.
 * The socket answers with the same `{ code, message, details? }` body as HTTP.
 */
export const errorTable = {
  // What was sent
  'body-malformed': { status: 400, means: 'The body could not be read as its media type.' },
  'body-too-large': { status: 413, means: 'The body is over the limit for this door, before or after decompression.' },
  'body-too-deep': { status: 400, means: 'The body is nested deeper than this door allows.' },
  'media-type-unsupported': { status: 415, means: 'The Content-Type or Content-Encoding is not one this door reads.' },
  'fields-invalid': { status: 422, means: 'Some fields are missing or wrong; `details.fields` has the path of each.' },
  'command-unknown': { status: 422, means: 'There is no command of that type; `details.known` lists those there are.' },
  'not-found': { status: 404, means: 'There is nothing of that name here, or you may not see it.' },
  'method-not-allowed': { status: 405, means: 'This address does not take that HTTP method.' },
  // Who you are
  'not-signed-in': { status: 401, means: 'The request carries no valid session, token or key.' },
  'credentials-wrong': { status: 401, means: 'The e-mail address and password do not belong together.' },
  'key-revoked': { status: 403, means: 'The key was valid once and has been revoked or has expired.' },
  'origin-refused': { status: 403, means: 'A browser sent this from another site, or without saying from which.' },
  'not-allowed': { status: 403, means: 'Your role does not include this action.' },
  'link-spent': { status: 410, means: 'The one-time link was used already, has expired, or never existed.' },
  'link-not-yours': { status: 403, means: 'The link was made for somebody else than who is signed in here.' },
  'too-many-tries': { status: 429, means: 'Too many failed sign-ins; `Retry-After` says when to try again.' },
  'rate-exceeded': { status: 429, means: 'This source or client sends faster than its limit.' },
  // The incident's state forbids it
  'already-owned': { status: 409, means: 'Somebody owns the incident already; `details` names them and since when.' },
  'not-owner': { status: 409, means: 'Only the owner may do this; `details.owner` names them.' },
  'not-offered-to-you': { status: 409, means: 'The open offer names another person or team.' },
  'no-open-offer': { status: 409, means: 'No offer is open on this incident.' },
  'offer-open': { status: 409, means: 'An offer is open already; withdraw it first.' },
  'offer-expired': { status: 409, means: 'The deadline of the offer has passed; the owner has not changed.' },
  'offer-changed': { status: 409, means: 'The offer was issued again since you read it; `details.changed` says why.' },
  'offer-to-self': { status: 409, means: 'An owner cannot offer an incident to themselves.' },
  'nobody-owns': { status: 409, means: 'This needs an owner; claim or offer the incident first.' },
  'revision-stale': {
    status: 409,
    means: 'The incident changed since the revision you sent; `details.revision` is the current one.',
  },
  'phase-forbids': { status: 409, means: 'The phase of the incident does not allow this.' },
  'reason-required': { status: 422, means: 'This needs a reason in words.' },
  'nothing-to-change': { status: 409, means: 'The incident is already as the command would make it.' },
  'command-id-reused': { status: 409, means: 'This command id was used for a different command.' },
  'drill-running': { status: 409, means: 'An exercise is on already, and there is one at a time; stop it or wait.' },
  'draft-behind': {
    status: 409,
    means: 'The edit builds on others that the server does not have, or the page is not in the draft: join it again.',
  },
  'draft-full': {
    status: 409,
    means: 'The draft of a brief has no room for more; what was typed is still on the page.',
  },
  'read-back-copied': {
    status: 422,
    means: 'The read-back is the situation line itself; it must be in the receiver’s own words.',
  },
  'shift-changed': {
    status: 409,
    means: 'The shift is not, or no longer, of whom the swap says; `details.people` has who answers then.',
  },
  'shift-over': {
    status: 409,
    means: 'What is over in the rota stays as it was; only what is to come can be changed.',
  },
  'swap-open': { status: 409, means: 'A part of that shift is offered already; `details.swap` is the id.' },
  'swap-settled': {
    status: 409,
    means: 'The swap was accepted, declined or withdrawn already, or has expired; `details.state` says which.',
  },
  'name-taken': { status: 409, means: 'Something of that name or address exists already.' },
  'lost-settled': {
    status: 409,
    means: 'This lost property was found or discarded already; `details.state` says which.',
  },
  'reader-gone': {
    status: 409,
    means: 'Nothing here can read this lost property any more: its source or its kind is gone.',
  },
  'last-administrator': { status: 409, means: 'This would leave nobody who can administer Uxbridge.' },
  // The server
  'policy-invalid': {
    status: 422,
    means: 'The policy file breaks a rule; `details.problems` has line, path and what to write instead.',
  },
  'policy-changed': {
    status: 409,
    means: 'The policy file changed since you read it; `details` has the newer text and its hash.',
  },
  'policy-unwritable': {
    status: 409,
    means: 'The policy file cannot be written from here; `details.patch` is what to apply by hand.',
  },
  'trial-running': { status: 409, means: 'A policy is being tried already; `details` says by whom and since when.' },
  'store-full': {
    status: 503,
    means: 'The disk is full or refused a write; nothing new is accepted until it is mended.',
  },
  'store-corrupt': { status: 503, means: 'The database fails its own checks; restore a backup.' },
  'not-ready': {
    status: 503,
    means: 'The server is starting, stopping or recovering; `Retry-After` says when to try again.',
  },
  overloaded: {
    status: 503,
    means: 'More is waiting to be stored than is safe; `Retry-After` says when to try again.',
  },
  internal: { status: 500, means: 'A fault of ours; the log has it under `details.incident`.' },
} as const satisfies Record<string, { status: number; means: string }>

export type ErrorCode = keyof typeof errorTable

/** The one body of every error, except where a vendor's protocol fixes another. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  details?: Record<string, unknown>
}

/** A named refusal or failure. `message` is for a person and says what to do. */
export class UxbridgeError extends Error {
  override name = 'UxbridgeError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>) {
    super(message)
    this.code = code
    this.details = details
  }
  get status(): number {
    return errorTable[this.code].status
  }
  body(): ErrorBody {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details }
  }
}

/** The incident's state or the actor's part in it forbids a command. Thrown by `decide`. */
export class CommandRefused extends UxbridgeError {
  override name = 'CommandRefused'
}

/** Compile-time proof that a switch is complete. */
export function unreachable(value: never): never {
  throw new UxbridgeError('internal', `unhandled case ${JSON.stringify(value)}`)
}
