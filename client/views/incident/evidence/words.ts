import { type EvidenceView, largestFile } from '#shared/evidence.ts'
import { sizeWords } from '../../lost/raw.ts'

const types: Readonly<Record<string, string>> = {
  'image/png': 'PNG image',
  'image/jpeg': 'JPEG image',
  'image/gif': 'GIF image',
  'image/webp': 'WebP image',
  'image/avif': 'AVIF image',
  'image/heic': 'HEIC image',
  'text/plain': 'text',
  'text/csv': 'CSV',
  'application/json': 'JSON',
  'application/pdf': 'PDF',
  'application/zip': 'zip',
  'application/gzip': 'gzip',
}
const shown: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** What it is: `JPEG image, 2.4 MiB`, `link to grafana.example`, `request as it came, JSON, 834 bytes` */
export function kindWords({ kind, url, mediaType, size, verbatim }: EvidenceView): string {
  if (kind === 'link') return `link to ${hostOf(url)}`
  const what = mediaType === null ? '' : (types[mediaType] ?? mediaType)
  const whole = [what, size === null ? '' : sizeWords(size)].filter((word) => word !== '').join(', ')
  return kind === 'payload' ? `request ${verbatim ? 'as it came' : 'with what is personal masked'}, ${whole}` : whole
}

/** Where a link leads; what is no address says so. */
export function hostOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).host : 'an address that is gone'
}

/** Whether the browser can show it where it stands. */
export function isPicture({ mediaType }: EvidenceView): boolean {
  return mediaType !== null && shown.has(mediaType)
}

/** The beginning and the end of a hash: enough to compare by eye. */
export function shortHash(sha256: string): string {
  return sha256.length < 16 ? sha256 : `${sha256.slice(0, 8)}…${sha256.slice(-4)}`
}

/** `3`, `3, 1 withdrawn` */
export function evidenceWords(list: readonly EvidenceView[]): string {
  const gone = list.filter(({ withdrawn }) => withdrawn !== null).length
  if (list.length === 0) return ''
  return gone === 0 ? String(list.length) : `${list.length - gone}, ${gone} withdrawn`
}

/** Why a file cannot come in, where that is known before it is sent; null when it may. */
export function refusalOf({ name, size }: Pick<File, 'name' | 'size'>): string | null {
  if (size === 0) return `${name} is empty.`
  if (size <= largestFile) return null
  return `${name} has ${sizeWords(size)}; a file may have ${sizeWords(largestFile)}. Pack it, take the part that matters, or add a link.`
}

/** What is pasted has no name of its own: when it was tells one from the other. */
export function pastedName({ name, type }: Pick<File, 'name' | 'type'>, now: Date): string {
  if (name !== '' && name !== 'image.png') return name
  const at = now.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  const ending = type.split('/')[1]?.replace('jpeg', 'jpg') ?? 'png'
  return `Pasted ${at} UTC.${ending}`
}

/** The name that the server gives it (RFC 6266): in full where it has letters of its own, else as it stands. */
export function savedName(disposition: string): string {
  const full = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  if (full !== undefined) return decodeURIComponent(full)
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? 'evidence'
}
