import type { SwapIntent, SwapTold } from './swap.ts'
import type { Names } from './words.ts'

/** `Mon 23 Nov 18:00 to Tue 24 Nov 02:00 UTC`, by the clock of whoever reads it where they have one. */
export function spanWords({ from, to }: Pick<SwapTold, 'from' | 'to'>, { zone = null }: Pick<Names, 'zone'>): string {
  const timeZone = zone ?? 'UTC'
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', day: 'numeric', month: 'short' })
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
  const said = (at: number) => `${day.format(at).replace(',', '')} ${clock.format(at)}`
  const where = timeZone === 'UTC' ? 'UTC' : `in ${timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ')}`
  const isOneDay = day.format(from) === day.format(to)
  return `${said(from)} to ${isOneDay ? clock.format(to) : said(to)} ${where}`
}

/** What became of an offer of a shift, and what is asked of whoever reads it. */
export function swapSentence({ matter }: Pick<SwapIntent, 'matter'>, swap: SwapTold, names: Names): string {
  const { inReturn, layer } = swap
  const back = inReturn === null ? null : `${inReturn.rotation} (${inReturn.layer}), ${spanWords(inReturn, names)}`
  if (matter.code === 'swap-offered') {
    const giver = names.person(swap.person)
    const asked = back === null ? '' : ` In return ${giver} takes over yours: ${back}.`
    return `${giver} offers it to you (layer ${layer}).${asked} Accept or decline in the rota before it begins; it stays theirs until somebody accepts.`
  }
  const who = matter.by === null ? 'Somebody' : names.person(matter.by)
  switch (matter.answer) {
    case 'accepted':
      return `${who} takes it over (layer ${layer}).${back === null ? '' : ` You take over theirs: ${back}.`}`
    case 'declined':
      return `${who} declined it, and nobody else is asked: it stays yours (layer ${layer}).`
    case 'withdrawn':
      return `${who} took your offer back: it stays yours (layer ${layer}).`
    case 'expired':
      return `Nobody took it over before it began: it is yours (layer ${layer}).`
  }
}

/** A heading for one of them. */
export function swapLead({ matter }: Pick<SwapIntent, 'matter'>): string {
  if (matter.code === 'swap-offered') return 'A shift is offered to you'
  return matter.answer === 'accepted' ? 'Your shift is taken over' : 'Your shift stays yours'
}
