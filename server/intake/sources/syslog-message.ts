import { hourMs, minuteMs } from '#shared/clocks.ts'
import { readInstant } from '#shared/event.ts'
import { withoutTrailer } from './syslog-framing.ts'

/** What one message says. Texts that it does not say are empty. */
export interface SyslogMessage {
  /** 0 = emergency … 7 = debug. */
  severity: number
  facility: number
  /** Epoch ms; null = it does not say, or not so that it can be read. */
  at: number | null
  host: string
  app: string
  procId: string
  msgId: string
  /** Structured data, by `<id>.<name>`; what is given twice is joined. */
  data: Readonly<Record<string, string>>
  text: string
}

/** By number. Source: RFC 5424, tables 1 and 2. */
export const severityWords = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
export const facilityWords = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]
/** What a message without a priority counts as: user.notice (RFC 3164, 4.3.3). */
const unsaid = 13

/**
 * Reads RFC 5424, and RFC 3164 with what is sent in its name by rsyslog, logger and routers. Rule Y4: never
 * refuses what is text: a header that is neither is part of the text, and without a priority it is a notice of a user.
 * @param receivedAt epoch ms; old headers say neither year nor zone
 * @returns `reason` for bytes that are no text
 */
export function readSyslog(bytes: Uint8Array, receivedAt: number): SyslogMessage | { reason: string } {
  const kept = withoutTrailer(bytes)
  const decoded = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString('utf8')
  const whole = decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded
  const [head = '', digits = ''] = /^<(\d{1,3})>/.exec(whole) ?? []
  const said = head !== '' && Number(digits) <= 191
  if (!said && !isText(whole)) return { reason: whyNoText(bytes) }
  const priority = said ? Number(digits) : unsaid
  const rest = said ? whole.slice(head.length) : whole
  const plain = { severity: priority & 7, facility: priority >> 3, data: {} }
  return { ...plain, ...((said ? readHeader(rest) : null) ?? readLegacy(rest, receivedAt)) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells bytes from text
const notText = /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/

/** Whether decoded bytes are text: no control characters but those of layout, and nothing that was no UTF-8. */
export function isText(decoded: string): boolean {
  return !notText.test(decoded)
}

function whyNoText(bytes: Uint8Array): string {
  // RFC 8446, 5.1: a record of type handshake, version 3.x.
  return bytes[0] === 0x16 && bytes[1] === 0x03
    ? 'no syslog message but the beginning of TLS: set this source to TLS, or the sender to plain TCP'
    : 'no syslog message: no <priority> at its beginning, and its bytes are no text'
}

type Rest = Omit<SyslogMessage, 'severity' | 'facility'>

/** RFC 5424, 6: `VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID`, each a word, `-` = not said. */
const header = /^[1-9]\d{0,2} (-|\d{4}-\d\d-\d\d[Tt]\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)/

function readHeader(rest: string): Rest | null {
  const found = header.exec(rest)
  if (found === null) return null
  const [all, time = '', ...words] = found
  const [host = '', app = '', procId = '', msgId = ''] = words.map((word) => (word === '-' ? '' : word))
  const { data, end } = readData(rest, all.length)
  const text = rest.slice(end).replace(/^ ?\ufeff?/, '')
  return { at: instantOf(time), host, app, procId, msgId, data, text }
}

/** RFC 5424, 6.3. What is not in its form is text. @returns where the text begins */
function readData(rest: string, start: number): { data: Record<string, string>; end: number } {
  if (rest.startsWith('-', start)) return { data: {}, end: start + 1 }
  const pairs = new Map<string, string>()
  let end = start
  for (let count = 0; count < mostElements; count++) {
    element.lastIndex = end
    const [whole, id, params = ''] = element.exec(rest) ?? []
    if (whole === undefined || id === undefined) break
    for (const [, name = '', raw = ''] of params.matchAll(param)) {
      const value = raw.replace(/\\(["\\\]])/g, '$1')
      const before = pairs.get(`${id}.${name}`)
      pairs.set(`${id}.${name}`, before === undefined ? value : `${before}, ${value}`)
    }
    end += whole.length
  }
  return { data: Object.fromEntries(pairs), end }
}
/** Messages have one to three; what stands behind so many is text. */
const mostElements = 16
const element = /\[([^\s=\]"]{1,64})((?: +[^\s=\]"]{1,64}="(?:[^"\\\]]|\\.)*")*) *\]/sy
const param = / +([^\s=\]"]{1,64})="((?:[^"\\\]]|\\.)*)"/gs

function instantOf(text: string): number | null {
  if (text === '-') return null
  try {
    return readInstant(text)
  } catch (error) {
    // The message is worth more than its time.
    if (error instanceof RangeError) return null
    throw error
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Cisco IOS numbers its messages, and may say its name before the time. */
const numbered = /^(?:\d{1,10}: )?(?:([A-Za-z0-9][\w.-]{0,254}): (?=[*.]?[A-Z][a-z]{2} +\d))?:? */
/** RFC 3164, 4.1.2, and with the year before (NX-OS) or after (ASA), a fraction, a zone and a colon (IOS). */
const legacyTime = new RegExp(
  `^[*.]?(?:(\\d{4}) )?(${months.join('|')}) +(\\d{1,2})(?: (\\d{4}))? (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))?(?: ([A-Z]{1,5})(?=:))?(:|(?= )|$)`,
)
/** rsyslog's RSYSLOG_ForwardFormat and others: the new time in the old header. */
const newTime = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)([Zz]|[+-]\d\d:?\d\d)?(:|(?= )|$)/
const hostWord = /^ *([A-Za-z0-9_][\w.:@/-]{0,254})(?<!:) +(?=\S)/
const routerTag = /^ *(?:: *)?%([A-Z][A-Z0-9_]*)((?:-[A-Z0-9_]+){0,5}-[0-7]-[A-Z0-9_]+)(?:: ?|$)/
const tag = /^ *([^\s:[\]<>"'(){}=,;]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/
const tagWithoutColon = /^ *([^\s:[\]<>"'(){}=,;]{1,128})\[(\d{1,10})\] /

function readLegacy(message: string, receivedAt: number): Rest {
  const [skipped = '', named = ''] = numbered.exec(message) ?? []
  const after = message.slice(skipped.length)
  const time = readTime(after, receivedAt)
  let rest = time === null ? (routerTag.test(after) ? after : message) : after.slice(time.length)
  let host = time === null ? '' : named
  // Only after a time that did not end with a colon may a host stand; `name:` and `name[1]:` are the program.
  if (time !== null && !time.closed) {
    const [whole = '', word = ''] = hostWord.exec(rest) ?? []
    if (word !== '' && !tag.test(rest) && !tagWithoutColon.test(rest)) {
      host = word
      rest = rest.slice(whole.length)
    }
  }
  const found = { at: time?.at ?? null, host, data: {} }
  const [router = '', vendor = '', code = ''] = routerTag.exec(rest) ?? []
  if (router !== '')
    return { ...found, app: vendor, procId: '', msgId: `${vendor}${code}`, text: rest.slice(router.length) }
  const [whole = '', app = '', procId = ''] = tag.exec(rest) ?? tagWithoutColon.exec(rest) ?? []
  return { ...found, app, procId, msgId: '', text: rest.slice(whole.length).replace(/^ /, '') }
}

function readTime(text: string, receivedAt: number): { at: number | null; length: number; closed: boolean } | null {
  const recent = newTime.exec(text)
  if (recent !== null) {
    const [all, said = '', zone, colon] = recent
    const at = instantOf(`${said.replace(',', '.')}${zone ?? 'Z'}`)
    const settled = zone === undefined && at !== null ? zoned(at, receivedAt) : at
    return { at: settled, length: all.length, closed: colon === ':' }
  }
  const [all, early, month = '', day, late, hours, minutes, seconds, fraction = '0', zone, colon] =
    legacyTime.exec(text) ?? []
  if (all === undefined) return null
  const parts = [months.indexOf(month), Number(day), Number(hours), Number(minutes), Number(seconds)] as const
  const thisYear = new Date(receivedAt).getUTCFullYear()
  const years = early ?? late
  const candidates = (years === undefined ? [thisYear - 1, thisYear, thisYear + 1] : [Number(years)]).flatMap(
    (year) => instantIn(year, parts, Number(`0.${fraction}`) * 1000) ?? [],
  )
  const distance = (at: number) => Math.abs(at - receivedAt)
  const nearest = candidates.sort((a, b) => distance(a) - distance(b))[0]
  const universal = zone === 'UTC' || zone === 'GMT' || zone === 'Z'
  const at = nearest === undefined ? null : universal ? nearest : zoned(nearest, receivedAt)
  return { at, length: all.length, closed: colon === ':' }
}

/** @returns epoch ms; null for a day or an hour that there is not */
function instantIn(
  year: number,
  [month, day, hours, minutes, seconds]: readonly [number, number, number, number, number],
  ms: number,
): number | null {
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  const at = new Date(Date.UTC(year, month, day, hours, minutes, seconds, Math.floor(ms)))
  return at.getUTCMonth() === month && at.getUTCDate() === day ? at.getTime() : null
}

const halfHourMs = 30 * minuteMs

/**
 * A time without a zone. Rule Y3: messages come as they are written, so one that is whole half hours away from now, to
 * within a minute, was written now in a zone so far away (-12 to +14 h); any other time is UTC, but never in the future.
 * @param at epoch ms of the time as if it were UTC
 */
function zoned(at: number, receivedAt: number): number {
  const offset = Math.round((at - receivedAt) / halfHourMs) * halfHourMs
  const isZone = offset >= -12 * hourMs && offset <= 14 * hourMs
  if (isZone && Math.abs(at - offset - receivedAt) <= minuteMs) return at - offset
  return Math.min(at, receivedAt)
}
