import { type KeyObject, X509Certificate } from 'node:crypto'
import { type Clock, hourMs, secondMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Outside } from './port.ts'

/** Fetches an address that was judged already. @throws Error when nothing usable comes in time */
export type Download = (address: string, limits: { maxBytes: number; timeoutMs: number }) => Promise<Uint8Array>

export interface SnsParts {
  clock: Clock
  /** Without, over https as it is. */
  download?: Download
}

/** Amazon's own rule for the hosts of SNS. Source: docs.aws.amazon.com/sns, verifying the signatures of messages. */
const snsHost = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/
const limits = { maxBytes: 64 * 1024, timeoutMs: 5 * secondMs }
const keptForMs = 24 * hourMs
const mostKept = 16
const smallestKeyBits = 2048

/**
 * Rule S9: of all addresses in payloads only those of SNS itself are visited: https on its own port, no name or
 * password, a host of Amazon's rule. Redirects are not followed.
 */
export function snsAddress(address: unknown): URL | null {
  if (typeof address !== 'string' || address.length > 2048 || !URL.canParse(address)) return null
  const url = new URL(address)
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === ''
  return plain && snsHost.test(url.hostname) ? url : null
}

/**
 * Certificates of SNS, kept for a day, and the visit that confirms a subscription. A certificate counts because it came
 * over TLS from a host of SNS; it must be of its time, and its key RSA of 2048 bits or more.
 */
export function makeSnsOutside({ clock, download = downloadHttps }: SnsParts): Outside {
  const kept = new Map<string, { key: Promise<KeyObject>; until: number }>()

  async function fetchKey(url: URL): Promise<KeyObject> {
    const bytes = await reach(url, download)
    let certificate: X509Certificate
    try {
      certificate = new X509Certificate(bytes)
    } catch (error) {
      throw new UxbridgeError('not-ready', `What SNS gave as its certificate is none: ${(error as Error).message}`)
    }
    const now = clock.now()
    if (now < certificate.validFromDate.getTime() || now > certificate.validToDate.getTime())
      throw new UxbridgeError('not-ready', 'The certificate of SNS is not of this time. Look at our clock.')
    const { publicKey } = certificate
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
    if (publicKey.asymmetricKeyType !== 'rsa' || bits < smallestKeyBits)
      throw new UxbridgeError('not-ready', 'The certificate of SNS holds no RSA key of 2048 bits or more.')
    return publicKey
  }

  return {
    certificateKey(address) {
      const url = snsAddress(address)
      if (url === null || !url.pathname.endsWith('.pem') || url.search !== '' || url.hash !== '')
        return Promise.resolve(null)
      const now = clock.now()
      const found = kept.get(url.href)
      if (found !== undefined && now < found.until) return found.key
      if (kept.size >= mostKept) kept.delete([...kept.keys()][0] ?? '')
      const key = fetchKey(url)
      kept.set(url.href, { key, until: now + keptForMs })
      // A failure is not kept: the sender comes again, and may find it mended.
      key.catch(() => kept.delete(url.href))
      return key
    },

    async confirm(address, topic) {
      const url = snsAddress(address)
      const query = url?.searchParams
      if (url === null || query?.get('Action') !== 'ConfirmSubscription' || query.get('TopicArn') !== topic)
        return false
      await reach(url, download)
      return true
    },
  }
}

async function reach(url: URL, download: Download): Promise<Uint8Array> {
  try {
    return await download(url.href, limits)
  } catch (error) {
    throw new UxbridgeError('not-ready', `${url.hostname} could not be reached: ${(error as Error).message}`)
  }
}

const downloadHttps: Download = async (address, { maxBytes, timeoutMs }) => {
  const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  if (!response.ok) throw new Error(`it answered ${response.status}`)
  return Buffer.concat(chunks)
}
