/**
 * Bytes as people read them. All pure; nothing of the text is parsed and written again, so numbers that JavaScript cannot
 * hold, repeated fields and odd spellings stay as the sender wrote them.
 */

/** JSON laid out over lines, two spaces a level; null for what is no JSON. */
export function layOut(text: string): string | null {
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  let out = ''
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') {
      const end = endOfString(text, at)
      out += text.slice(at, end + 1)
      at = end
    } else if (character === '{' || character === '[') {
      const next = afterSpace(text, at + 1)
      const close = character === '{' ? '}' : ']'
      if (text[next] === close) {
        out += character + close
        at = next
      } else {
        depth++
        out += character + line()
      }
    } else if (character === '}' || character === ']') {
      depth--
      out += line() + character
    } else if (character === ',') out += `,${line()}`
    else if (character === ':') out += ': '
    else if (!isSpace(character)) out += character
  }
  return out
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length - 1
}

function isSpace(character: string): boolean {
  return ' \n\r\t'.includes(character)
}

function afterSpace(text: string, at: number): number {
  let next = at
  while (next < text.length && isSpace(text[next] as string)) next++
  return next
}

/** What would not be seen, or would turn the order of letters round, shows itself; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n\r]|\p{Bidi_Control}/gu, (character) => {
    const code = character.charCodeAt(0)
    return code < 32 ? String.fromCharCode(0x2400 + code) : `⟨U+${hex(code, 4).toUpperCase()}⟩`
  })
}

const hex = (n: number, width: number) => n.toString(16).padStart(width, '0')

/** Sixteen bytes a line: offset, bytes, and those that are letters. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const codes = Array.from(row, (byte) => hex(byte, 2)).join(' ')
    const letters = Array.from(row, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${hex(at, 6)}  ${codes.padEnd(47)}  ${letters}`)
  }
  return lines.join('\n')
}

/** @throws DOMException for text that is no base64 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** `834 bytes`, `12.4 KiB`, `3.1 MiB` */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes}\u00a0bytes`
  const kib = bytes / 1024
  return kib < 1024 ? `${kib.toFixed(1)}\u00a0KiB` : `${(kib / 1024).toFixed(1)}\u00a0MiB`
}
