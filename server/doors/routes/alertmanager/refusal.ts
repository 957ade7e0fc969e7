import { type ErrorCode, UxbridgeError } from '#shared/errors.ts'
import type { VendorAnswer } from '../../../intake/port.ts'
import type { Refuse } from '../route.ts'

/** A refusal in exactly the form that Alertmanager gives it. */
class AlertmanagerRefusal extends UxbridgeError {
  override name = 'AlertmanagerRefusal'
  readonly answer: VendorAnswer
  constructor(code: ErrorCode, message: string, answer: VendorAnswer) {
    super(code, message)
    this.answer = answer
  }
}

/** What breaks a rule of Alertmanager itself: a bare JSON string. @param status 400 unless the rule says another */
export function broken(message: string, code: ErrorCode = 'body-malformed', status = 400): UxbridgeError {
  const headers = { 'content-type': 'application/json' }
  return new AlertmanagerRefusal(code, message, { status, headers, body: `${JSON.stringify(message)}\n` })
}

/** Numbers that Alertmanager's generated checks give: 601 a wrong format, 602 something is absent, 612 too few. */
export type CheckNumber = 601 | 602 | 612

/** What fails the checks that Alertmanager generates from its schema. */
export function unfit(number: CheckNumber, message: string): UxbridgeError {
  return new AlertmanagerRefusal('fields-invalid', message, { status: 422, body: { code: number, message } })
}

/** A body whose JSON is none, or of other types than Alertmanager's. */
export function unparsable(reason: string): UxbridgeError {
  const message = `parsing silence body from "" failed, because ${reason}`
  return new AlertmanagerRefusal('body-malformed', message, { status: 400, body: { code: 400, message } })
}

/** Nothing of that id: the status alone. */
export function absent(what: string): UxbridgeError {
  return new AlertmanagerRefusal('not-found', `There is no such ${what}.`, { status: 404 })
}

/** A failure told as plain text. */
export function failedAs(code: ErrorCode, message: string): UxbridgeError {
  return new AlertmanagerRefusal(code, message, { status: 500, body: `${message}\n` })
}

/** Any other refusal: `{ code, message }`, the code being the status, as Alertmanager's framework answers. */
export const refuseAsAlertmanager: Refuse = (error, { status, body }) => {
  if (error instanceof AlertmanagerRefusal) return error.answer
  const { method, allowed } = body.code === 'method-not-allowed' ? (body.details ?? {}) : {}
  const message = Array.isArray(allowed)
    ? `method ${method} is not allowed, but [${allowed.join(',')}] are`
    : body.message
  return { status, body: { code: status, message } }
}
