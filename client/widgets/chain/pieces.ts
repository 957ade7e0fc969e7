import { chainWarning, type Hop } from '#shared/incident/state.ts'
import type { HopView, Summary } from '#shared/wire.ts'
import { ageWords, bothClocks, heldWords, lapseWords, leftWords } from '../../state/time-words.ts'

/** One stretch of the chain, with the words it may carry, longest first. No word is ever cut: a shorter one is taken, or none. */
export interface Piece {
  key: string
  kind: 'held' | 'gap' | 'offer'
  labels: readonly string[]
  /** Time held, in ms. An offer has held nothing yet. */
  heldMs: number
  /** It lasts still: it gets the room for its words first. */
  now: boolean
  /** Taken over by force: drawn as a break in the chain. */
  forced: boolean
  hop: HopView | null
}

/** `Mika van der Berg` → `MB`; a single name gives its first two letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = words[0] ?? ''
  const last = words.length > 1 ? (words.at(-1) ?? '') : ''
  if (last === '') return [...first].slice(0, 2).join('').toUpperCase()
  return `${[...first][0] ?? ''}${[...last][0] ?? ''}`.toUpperCase()
}

/** @param now epoch ms, the server's clock */
export function piecesOf(summary: Pick<Summary, 'chain' | 'offer'>, now: number, me: string | null = null): Piece[] {
  const pieces: Piece[] = summary.chain.map((hop, index) => {
    const from = Date.parse(hop.from)
    const heldMs = Math.max(0, (hop.to === null ? now : Date.parse(hop.to)) - from)
    const lasts = hop.to === null
    const key = `${hop.from}/${index}`
    if (hop.holder === null) {
      const lapse = lapseWords(heldMs)
      const labels = lasts ? [`UNOWNED ${lapse}`, lapse] : []
      return { key, kind: 'gap', labels, heldMs, now: lasts, forced: false, hop }
    }
    const name = hop.holder.id === me ? 'You' : hop.holder.name
    const short = hop.holder.id === me ? 'You' : initials(hop.holder.name)
    const held = heldWords(heldMs)
    const labels = [`${name} ${held}`, name, `${short} ${held}`, short].filter(
      (label, i, all) => all.indexOf(label) === i,
    )
    return { key, kind: 'held', labels, heldMs, now: lasts, forced: hop.began === 'taken-over', hop }
  })
  if (summary.offer !== null) {
    const { to, deadline, eligible } = summary.offer
    const mine = me !== null && eligible.includes(me)
    const left = leftWords(Math.max(0, Date.parse(deadline) - now))
    const name = mine ? 'you' : to.name
    const short = mine ? 'you' : initials(to.name)
    pieces.push({
      key: 'offer',
      kind: 'offer',
      labels: [`→ ${name} ${left}`, `→ ${short} ${left}`, `→ ${short}`, '→'],
      heldMs: 0,
      now: true,
      forced: false,
      hop: null,
    })
  }
  return pieces
}

/** The whole chain in words, for those who do not see it. */
export function chainText(summary: Pick<Summary, 'chain' | 'offer' | 'handovers'>, now: number): string {
  const parts = summary.chain.map((hop) => {
    const held = ageWords((hop.to === null ? now : Date.parse(hop.to)) - Date.parse(hop.from))
    const lasts = hop.to === null
    if (hop.holder === null) return lasts ? `unowned for ${held}, still` : `unowned for ${held}`
    const how = hop.began === 'taken-over' ? 'taken over by force by ' : ''
    const said = hop.readBack === null ? '' : `, read back: ${hop.readBack}`
    return `${how}${hop.holder.name} ${lasts ? 'holds it for' : 'held it for'} ${held}${said}`
  })
  if (summary.offer !== null)
    parts.push(`offered to ${summary.offer.to.name} until ${bothClocks(Date.parse(summary.offer.deadline))}`)
  const count = summary.handovers === 1 ? '1 hand-over' : `${summary.handovers} hand-overs`
  const warning = warningText(summary)
  return `Hand-off chain: ${parts.join('; ')}. ${count}${warning === null ? '' : `, ${warning}`}.`
}

/** Rule C1: marked at three hand-overs, and when it went from A to B and back to A. */
export function warningText(summary: Pick<Summary, 'chain' | 'handovers'>): string | null {
  const { handovers } = summary
  const warning = chainWarning({ handovers, chain: summary.chain.map(asHop) })
  if (warning === 'back-and-forth') return 'it went back and forth'
  if (warning === 'many-handovers') return 'too many hand-overs'
  return null
}

function asHop(hop: HopView): Hop {
  const { began, readBack, reason } = hop
  const to = hop.to === null ? null : Date.parse(hop.to)
  return { holder: hop.holder?.id ?? null, from: Date.parse(hop.from), to, began, readBack, reason, brief: null }
}

/** Why and how a stretch began. */
export function beganWords(hop: HopView): string {
  switch (hop.began) {
    case 'declared':
      return 'declared'
    case 'claimed':
      return 'claimed it'
    case 'accepted':
      return 'accepted the hand-off'
    case 'taken-over':
      return 'took over by force'
    case 'released':
      return 'released'
    case 'reopened':
      return 'reopened'
    case 'unmerged':
      return 'had it before the merge'
  }
}
