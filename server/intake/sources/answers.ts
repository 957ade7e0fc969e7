import type { ErrorCode } from '#shared/errors.ts'
import type { VendorAnswer } from '../port.ts'

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'body-malformed',
  401: 'not-signed-in',
  403: 'key-revoked',
  404: 'not-found',
  413: 'body-too-large',
  415: 'media-type-unsupported',
  422: 'fields-invalid',
  429: 'rate-exceeded',
  503: 'overloaded',
}

/** Our own error body, for doors where no vendor fixes another. */
export function houseRefusal(status: number, message: string): VendorAnswer {
  return { status, body: { code: codes[status] ?? 'internal', message } }
}

/** The error body of Alertmanager's API v2 (go-openapi): `{ code, message }`, the code being the status. */
export function alertmanagerRefusal(status: number, message: string): VendorAnswer {
  return { status, body: { code: status, message } }
}
