/** What a browser says about where a request comes from. */
export interface OriginHeaders {
  host?: string | undefined
  origin?: string | undefined
  'sec-fetch-site'?: string | string[] | undefined
}

/**
 * Rule S3: a write that a cookie speaks for is refused when a browser sent it from another site. `SameSite=Lax` and the
 * JSON media type stop most of them already; this stops the rest, such as another port of the same host.
 * @param publicUrl where the board is reached from outside, which behind a proxy differs from the Host header
 * @param missing what a request without Origin is: browsers always send one with a write, so at the HTTP door its
 *   absence means a tool; a socket's handshake is a GET, so there it must be present
 */
export function originAllowed(
  headers: OriginHeaders,
  { publicUrl, missing }: { publicUrl: string | null; missing: 'allow' | 'refuse' },
): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return false
  if (headers.origin === undefined) return missing === 'allow'
  if (!URL.canParse(headers.origin)) return false
  const origin = new URL(headers.origin)
  if (publicUrl !== null && origin.origin === new URL(publicUrl).origin) return true
  const isWeb = origin.protocol === 'http:' || origin.protocol === 'https:'
  return isWeb && headers.host !== undefined && origin.host === headers.host.toLowerCase()
}
