/** More fields than any form of a vendor has. */
const mostFields = 500

/**
 * The fields of a form, `application/x-www-form-urlencoded`.
 * @returns `reason` in words for the sender, for one that is no vendor's: a body of nothing but `&` is half a million fields
 */
export function readForm(body: Uint8Array): { fields: Record<string, string> } | { reason: string } {
  const text = textIn(body)
  let count = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1))
    if (++count > mostFields) return { reason: `the form has more than ${mostFields} fields` }
  return { fields: Object.fromEntries(new URLSearchParams(text)) }
}

/** One field of such a form, without a look at the others; empty where there is none. @param name of plain letters */
export function formField(body: Uint8Array, name: string): Uint8Array {
  const text = textIn(body)
  const start = text.startsWith(`${name}=`) ? 0 : text.indexOf(`&${name}=`) + 1
  if (start === 0 && !text.startsWith(`${name}=`)) return Buffer.alloc(0)
  const end = text.indexOf('&', start)
  return Buffer.from(new URLSearchParams(text.slice(start, end === -1 ? undefined : end)).get(name) ?? '')
}

function textIn(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}
