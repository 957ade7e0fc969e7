import { UxbridgeError } from '#shared/errors.ts'

/** What is taken, by its own bytes and not by what the sender calls it. */
interface FileType {
  mediaType: string
  /** With the first, a name is completed that says something else. */
  endings: readonly string[]
  fits(beginning: Uint8Array): boolean
}

const begins =
  (...bytes: number[]) =>
  (beginning: Uint8Array) =>
    bytes.every((byte, at) => beginning[at] === byte)
const says = (text: string, at: number) => (beginning: Uint8Array) =>
  Buffer.from(beginning.subarray(at, at + text.length)).toString('latin1') === text
/** ISO base media files name their brand after `ftyp`. Source: ISO/IEC 14496-12, 4.3. */
const isBrand = (...brands: string[]) => {
  const isMedia = says('ftyp', 4)
  return (beginning: Uint8Array) => isMedia(beginning) && brands.some((brand) => says(brand, 8)(beginning))
}

/** Signatures as the formats' own documents have them. */
const binaries: readonly FileType[] = [
  { mediaType: 'image/png', endings: ['png'], fits: begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { mediaType: 'image/jpeg', endings: ['jpg', 'jpeg', 'jpe'], fits: begins(0xff, 0xd8, 0xff) },
  { mediaType: 'image/gif', endings: ['gif'], fits: (b) => says('GIF87a', 0)(b) || says('GIF89a', 0)(b) },
  { mediaType: 'image/webp', endings: ['webp'], fits: (b) => says('RIFF', 0)(b) && says('WEBP', 8)(b) },
  { mediaType: 'image/avif', endings: ['avif'], fits: isBrand('avif', 'avis') },
  { mediaType: 'image/heic', endings: ['heic', 'heif'], fits: isBrand('heic', 'heix', 'mif1', 'msf1') },
  { mediaType: 'application/pdf', endings: ['pdf'], fits: says('%PDF-', 0) },
  {
    mediaType: 'application/zip',
    endings: ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods'],
    fits: (b) => begins(0x50, 0x4b, 0x03, 0x04)(b) || begins(0x50, 0x4b, 0x05, 0x06)(b),
  },
  { mediaType: 'application/gzip', endings: ['gz', 'tgz'], fits: begins(0x1f, 0x8b) },
]
const taken = 'images (PNG, JPEG, GIF, WebP, AVIF, HEIC), text and logs in UTF-8, JSON, HAR, CSV, PDF, zip and gzip'
/** Longest signature above. */
const signatureBytes = 12

/** Images that every browser shows. */
const shownImages: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])
export function isShownImage(mediaType: string | null): boolean {
  return mediaType !== null && shownImages.has(mediaType)
}

/** A file on its way in, and what it turns out to be once it is through. */
export interface Inspected {
  pieces: AsyncIterable<Uint8Array>
  /** After the last piece. */
  mediaType(): string
}

/**
 * Lets a file pass piece by piece, and stops what is too large, empty, or of a kind that is not taken. Rule EV7: the kind is
 * judged by its bytes, and text is text to its end.
 * @param most bytes
 * @throws UxbridgeError from `pieces`: `body-too-large`, `body-malformed`, `media-type-unsupported`
 */
export function inspect(content: AsyncIterable<Uint8Array>, name: string, most: number): Inspected {
  let found: string | null = null
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const text = new TextDecoder('utf-8', { fatal: true })
    let beginning = Buffer.alloc(0)
    let isJudged = false
    let size = 0
    const judge = (): void => {
      isJudged = true
      found = binaries.find(({ fits }) => fits(beginning))?.mediaType ?? null
      if (found === null) requireText(text, beginning)
    }
    for await (const piece of content) {
      size += piece.byteLength
      if (size > most)
        throw new UxbridgeError(
          'body-too-large',
          `A file may have ${most >> 20} MiB. Pack it (zip, gzip), take the part that matters, or add a link to where it is.`,
          { limit: most },
        )
      if (isJudged) {
        if (found === null) requireText(text, piece)
      } else {
        beginning = Buffer.concat([beginning, piece])
        if (beginning.length >= signatureBytes) judge()
      }
      yield piece
    }
    if (size === 0) throw new UxbridgeError('body-malformed', 'The file is empty. Choose the one you meant.')
    if (!isJudged) judge()
    if (found === null) {
      requireText(text, null)
      found = textType(name, beginning)
    }
  }
  return {
    pieces: pieces(),
    mediaType() {
      if (found === null) throw new TypeError('the file is not through yet')
      return found
    },
  }
}

/** @param piece null: that was all. @throws UxbridgeError `media-type-unsupported` */
function requireText(decoder: TextDecoder, piece: Uint8Array | null): void {
  try {
    decoder.decode(piece ?? new Uint8Array(), { stream: piece !== null })
    if (piece === null || !piece.includes(0)) return
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  throw new UxbridgeError(
    'media-type-unsupported',
    `This kind of file is not taken. Taken are ${taken}. Pack anything else into a zip.`,
  )
}

function textType(name: string, beginning: Uint8Array): string {
  const ending = endingOf(name)
  const first = /^\ufeff?\s*(\S)/.exec(Buffer.from(beginning).toString('utf8'))?.[1]
  if ((ending === 'json' || ending === 'har') && (first === '{' || first === '[')) return 'application/json'
  return ending === 'csv' ? 'text/csv' : 'text/plain'
}

function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** What a computer might run or show as a page when it is opened by its name. */
const active =
  /^(?:html?|xhtml|shtml|mht(?:ml)?|svg|xml|xsl|js|mjs|jse|hta|bat|cmd|com|exe|scr|msi|ps1|psm1|vb|vbs|vbe|wsf|wsh|jar|lnk|url|reg|command|desktop|app)$/

/** What nobody sees in a name and what leads out of a folder: control characters, turns of direction, path separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unseen = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
const longestName = 120

/** A name as it is kept: the last part of a path, without what cannot be seen. */
export function plainName(given: string): string {
  const last = given.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const shown = last.replaceAll(unseen, '').trim()
  const ending = endingOf(shown)
  const cut = shown.length <= longestName ? shown : `${shown.slice(0, longestName - ending.length - 1)}.${ending}`
  return cut === '' || /^\.+$/.test(cut) ? 'file' : cut.slice(0, longestName)
}

/** The name under which it is saved: its ending is one of its kind, so that nothing runs it. */
export function savedName(name: string, mediaType: string): string {
  const plain = plainName(name)
  const ending = endingOf(plain)
  const own = binaries.find((type) => type.mediaType === mediaType)?.endings
  if (own !== undefined) return own.includes(ending) ? plain : `${plain}.${own[0]}`
  return active.test(ending) ? `${plain}.txt` : plain
}
