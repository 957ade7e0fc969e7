/** Texts that a pattern accepts, told without a machine for regular expressions. */
export interface PlainPattern {
  /** All the texts that it accepts; null where there is no end of them. */
  literals: readonly string[] | null
  test(text: string): boolean
}

/** One way to match: `head`, then each of `tail` after a gap of any `least` characters or more, the last one at the end. */
interface Glob {
  head: string
  tail: readonly { least: 0 | 1; text: string }[]
}

/** Ways to match, written out: a pattern that has more is left to the machine. */
const mostWays = 1000
/** Rule RX1: what is looked for anywhere in a text is short, so that no pattern makes the search slow. Characters, of all ways together. */
const mostSought = 64

/**
 * Reads what nearly every pattern of a rule is made of: literal text, alternatives, and `.*` or `.+` between them, where `.`
 * is any character and the whole text must match. Rule RX2: what it reads means what RE2 takes it for.
 * @param pattern a regular expression that RE2 takes
 * @returns null for any other pattern
 */
export function readPlainPattern(pattern: string): PlainPattern | null {
  // Half a character is none to RE2, and a text may be split in the midst of one.
  if (/[\ud800-\udfff]/.test(pattern)) return null
  const reader = new Reader(pattern)
  const ways = reader.alternatives(true)
  if (ways === null || !reader.atEnd) return null
  const literals = new Set<string>()
  const globs: Glob[] = []
  let sought = 0
  for (const way of ways) {
    const glob = globOf(way)
    if (glob === null) return null
    if (glob.tail.length === 0) literals.add(glob.head)
    else globs.push(glob)
    sought += Math.max(1, ...glob.tail.slice(0, -1).map(({ text }) => text.length))
  }
  if (globs.length === 0) {
    const list = [...literals]
    const longest = Math.max(...list.map(({ length }) => length))
    // Of few each is compared: that costs less than to make the key of a long text.
    const test = list.length <= 8 ? isOneOf(list) : (text: string) => text.length <= longest && literals.has(text)
    return { literals: list, test }
  }
  if (sought - literals.size > mostSought) return null
  const first = globs[0] as Glob
  if (globs.length === 1 && literals.size === 0) return { literals: null, test: (text) => accepts(first, text) }
  return { literals: null, test: (text) => globs.some((glob) => accepts(glob, text)) || literals.has(text) }
}

function isOneOf(list: readonly string[]): (text: string) => boolean {
  return (text) => {
    for (const each of list) if (each === text) return true
    return false
  }
}

function accepts({ head, tail }: Glob, text: string): boolean {
  if (!text.startsWith(head)) return false
  let at = head.length
  const last = tail.length - 1
  // The leftmost place of each leaves most room for the next.
  for (let index = 0; index < last; index++) {
    const { least, text: sought } = tail[index] as Glob['tail'][number]
    at = text.indexOf(sought, at + least)
    if (at === -1) return false
    at += sought.length
  }
  const { least, text: end } = tail[last] as Glob['tail'][number]
  return text.length - end.length >= at + least && text.endsWith(end)
}

/** A way to match as it is read: texts, and gaps by the number of characters that they have at least. */
type Way = readonly (string | 0 | 1)[]

/** @returns null where two gaps in a row ask for more than one character: how many units those are depends on the text */
function globOf(way: Way): Glob | null {
  let head = ''
  const tail: { least: 0 | 1; text: string }[] = []
  for (const part of way) {
    const last = tail.at(-1)
    if (typeof part === 'string') {
      if (last === undefined) head += part
      else last.text += part
    } else if (last === undefined || last.text !== '') tail.push({ least: part, text: '' })
    else if (part === 1 && last.least === 1) return null
    else if (part === 1) last.least = 1
  }
  return { head, tail }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** @param isWhole not in brackets: `^` and `$` at its ends say nothing new @returns every way to match; null: it is not plain */
  alternatives(isWhole: boolean): Way[] | null {
    const ways: Way[] = []
    do {
      const sequence = this.#sequence(isWhole)
      if (sequence === null || ways.length + sequence.length > mostWays) return null
      ways.push(...sequence)
    } while (this.#takes('|'))
    return ways
  }

  #sequence(isWhole: boolean): Way[] | null {
    let ways: Way[] = [[]]
    if (isWhole) this.#takes('^')
    while (!this.atEnd && !')|'.includes(this.#text[this.#at] as string)) {
      if (isWhole && this.#takes('$')) return this.atEnd || this.#text[this.#at] === '|' ? ways : null
      const next = this.#takes('(') ? this.#group() : this.#item()
      if (next === null || ways.length * next.length > mostWays) return null
      // What follows says how often it is to be there.
      if (!this.atEnd && '*+?{'.includes(this.#text[this.#at] as string)) return null
      ways = ways.flatMap((way) => next.map((more) => [...way, ...more]))
    }
    return ways
  }

  #group(): Way[] | null {
    if (!this.#takes('?:') && this.#text[this.#at] === '?') return null
    const ways = this.alternatives(false)
    return ways !== null && this.#takes(')') ? ways : null
  }

  #item(): Way[] | null {
    if (this.#takes('.*')) return [[0]]
    if (this.#takes('.+')) return [[1]]
    const char = this.#text[this.#at++] as string
    if (char === '\\') {
      const escaped = this.#text[this.#at++]
      // Letters and digits after it say something else.
      return escaped === undefined || !/^[!-/:-@[-`{-~]$/.test(escaped) || escaped === '_' ? null : [[escaped]]
    }
    return '.[]{}*+?^$'.includes(char) ? null : [[char]]
  }
}

/** Of a longer text only so much is looked for: a part of what must be there must be there too. */
const mostNeeded = 32
/** Less says too little. */
const leastNeeded = 3

/**
 * A text that whatever matches has in it, so that what lacks it need not be given to the machine. Rule RX3: RE2 accepts no
 * text without it.
 * @param pattern a regular expression that RE2 takes
 * @returns null where none is found: it may still be there
 */
export function neededText(pattern: string): string | null {
  // Flags and `\Q` change what letters mean; alternatives have little in common.
  if (/[\ud800-\udfff]|\(\?[^:]|\\Q/.test(pattern)) return null
  let longest = ''
  let run = ''
  const end = () => {
    if (run.length > longest.length) longest = run
    run = ''
  }
  for (let at = 0; at < pattern.length; ) {
    const next = afterAtom(pattern, at)
    if (next === null) return null
    const atom = pattern.slice(at, next)
    const often = /^(?:[*+?]|\{\d*,?\d*\})\??/.exec(pattern.slice(next))?.[0] ?? ''
    const isLiteral = atom.length === 1 ? !/[.^$)|{}\]*+?]/.test(atom) : /^\\[!-/:-@[-^`{-~]$/.test(atom)
    if (atom === '|' || atom === ')') return null
    if (isLiteral && (often === '' || often.startsWith('+'))) run += atom.at(-1)
    if (!isLiteral || often !== '') end()
    at = next + often.length
  }
  end()
  return longest.length < leastNeeded ? null : longest.slice(0, mostNeeded)
}

/** Where the character, class or group that begins here ends; null where that is not plain to see. */
function afterAtom(pattern: string, at: number): number | null {
  const char = pattern[at]
  if (char === '\\') return /^\\[pPx\d]/.test(pattern.slice(at, at + 2)) ? null : at + 2
  if (char === '[') return afterClass(pattern, at)
  if (char !== '(') return at + 1
  let within = at + (pattern.startsWith('?:', at + 1) ? 3 : 1)
  while (within < pattern.length && pattern[within] !== ')') {
    const next = afterAtom(pattern, within)
    if (next === null) return null
    within = next
  }
  return within + 1
}

function afterClass(pattern: string, start: number): number | null {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1)
  // A bracket in first place is one of the class.
  if (pattern[at] === ']') at++
  for (; at < pattern.length; at++) {
    if (pattern[at] === ']') return at + 1
    // A class by name in it.
    if (pattern[at] === '[') return null
    if (pattern[at] === '\\') at++
  }
  return null
}
