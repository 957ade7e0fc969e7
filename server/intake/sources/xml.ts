import { maxDepth } from './json.ts'

/** More elements than any report has; a body of only brackets is refused before it fills the memory. */
const maxElements = 100_000

/** An element of an XML body; its text is that of itself, without its children. */
export interface XmlElement {
  name: string
  attributes: Readonly<Record<string, string>>
  children: XmlElement[]
  text: string
}

/**
 * Reads the XML that machines write: elements, attributes, text, CDATA and the five named entities. No document type, so
 * nothing can be defined, included or expanded. Bytes that are no UTF-8 are taken for ISO-8859-1.
 * @returns `reason` in words for the sender, when it cannot be read; rule F9: it quotes nothing of the body
 */
export function readXml(body: Uint8Array): { root: XmlElement } | { reason: string } {
  const text = decode(body)
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open: XmlElement[] = [top]
  let count = 0
  for (let at = 0; at < text.length; ) {
    const inner = open[open.length - 1] as XmlElement
    if (text[at] !== '<') {
      const end = indexOr(text, '<', at)
      inner.text += unescaped(text.slice(at, end))
      at = end
    } else if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at)
      if (end === -1) return { reason: 'the XML breaks off inside CDATA' }
      inner.text += text.slice(at + 9, end)
      at = end + 3
    } else if (text.startsWith('<!--', at) || text.startsWith('<?', at)) {
      const close = text.startsWith('<?', at) ? '?>' : '-->'
      const end = text.indexOf(close, at)
      if (end === -1) return { reason: 'the XML breaks off inside a comment or instruction' }
      at = end + close.length
    } else if (text.startsWith('<!', at)) return { reason: 'the XML has a document type, which is not read here' }
    else {
      const end = endOfTag(text, at)
      if (end === -1) return { reason: 'the XML breaks off inside a tag' }
      const tag = text.slice(at + 1, end)
      at = end + 1
      if (tag.startsWith('/')) {
        if (open.length === 1 || inner.name !== tag.slice(1).trim())
          return { reason: 'the XML closes an element that is not open' }
        open.pop()
        continue
      }
      if (++count > maxElements) return { reason: `the XML has more than ${maxElements} elements` }
      if (open.length > maxDepth) return { reason: `the XML is nested deeper than ${maxDepth} levels` }
      const element = elementOf(tag)
      if (element === null) return { reason: 'the XML has a tag that cannot be read' }
      inner.children.push(element)
      if (!tag.endsWith('/')) open.push(element)
    }
  }
  const [root] = top.children
  if (open.length > 1) return { reason: 'the XML breaks off: an element is still open' }
  if (root === undefined || top.children.length > 1) return { reason: 'the body is no XML with one root element' }
  return { root }
}

/** Children of that name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

/** The text of the first child of that name, trimmed; empty when there is none. */
export function textIn(element: XmlElement, name: string): string {
  return element.children.find((child) => child.name === name)?.text.trim() ?? ''
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  }
}

function indexOr(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from)
  return found === -1 ? text.length : found
}

/** The bracket that closes the tag: one inside quotes does not. */
function endOfTag(text: string, from: number): number {
  let quote = ''
  for (let i = from + 1; i < text.length; i++) {
    const letter = text[i] as string
    if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === '"' || letter === "'") quote = letter
    else if (letter === '>') return i
  }
  return -1
}

function elementOf(tag: string): XmlElement | null {
  const name = /^[A-Za-z_][\w:.-]*/.exec(tag)?.[0]
  if (name === undefined) return null
  const attributes: [string, string][] = []
  for (const [, key = '', double, single] of tag
    .slice(name.length, 4000)
    .matchAll(/(?<![\w:.-])([\w:.-]{1,100})=(?:"([^"]*)"|'([^']*)')/g))
    if (key !== '' && key !== '__proto__') attributes.push([key, unescaped(double ?? single ?? '')])
  return { name, attributes: Object.fromEntries(attributes), children: [], text: '' }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, (whole, tens, hexes, name) => {
    if (name !== undefined) return entities[name] ?? whole
    const code = tens === undefined ? Number.parseInt(hexes, 16) : Number(tens)
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '\ufffd'
  })
}
