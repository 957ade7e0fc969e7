import { z } from 'zod'
import { type LostView, lostViewSchema } from '#shared/lost.ts'
import { figure } from '../../state/time-words.ts'
import { printable } from './raw.ts'

export const shows = ['lost', 'found', 'discarded', 'all'] as const
export type Show = (typeof shows)[number]
export const showWords: Readonly<Record<Show, string>> = {
  lost: 'Waiting',
  found: 'Found',
  discarded: 'Discarded',
  all: 'All',
}

/** What the address says of the list: which, of whom, and which one is open. */
export interface LostQuery {
  show: Show
  source: string | null
  at: string | null
}

export function readQuery(search: string): LostQuery {
  const words = new URLSearchParams(search)
  return {
    show: shows.find((show) => show === words.get('show')) ?? 'lost',
    source: words.get('source'),
    at: words.get('at'),
  }
}

export function writeQuery({ show, source, at }: LostQuery): string {
  const words = new URLSearchParams()
  if (show !== 'lost') words.set('show', show)
  if (source !== null) words.set('source', source)
  if (at !== null) words.set('at', at)
  const text = words.toString()
  return text === '' ? '/lost' : `/lost?${text}`
}

export const listSchema = z.object({
  items: z.array(lostViewSchema),
  next: z.string().nullable(),
  sources: z.array(z.object({ id: z.string(), name: z.string(), waiting: z.number(), madeRoom: z.number() })),
  keptMs: z.number(),
})
export type Listed = z.output<typeof listSchema>

export const triedSchema = z.object({
  found: z.number(),
  still: z.number(),
  events: z.number(),
  incidents: z.array(z.string()),
  items: z.array(z.object({ state: z.string(), reason: z.string() })),
})
export type Tried = z.output<typeof triedSchema>

export const discardedSchema = z.object({ discarded: z.number() })

const plural = (n: number, one: string) => `${figure(n)} ${one}${n === 1 ? '' : 's'}`

/** Which part of its request a row stands for. Members are counted from 0, as in the answer that the sender got. */
export function membersWords({ members, count }: Pick<LostView, 'members' | 'count'>): string {
  if (members === '*') return 'the whole request'
  if (members === '') return plural(count, 'member')
  return count === 1 ? `member ${members}` : `${figure(count)} members: ${members.replaceAll(',', ', ')}`
}

/** What a try came to, in a sentence or two. */
export function triedWords({ found, still, events, items }: Tried): string {
  const said: string[] = []
  if (found > 0 && events > 0) said.push(`Found: ${plural(events, 'event')} taken in.`)
  else if (found > 0) said.push('It can be read now; it says nothing that is kept.')
  const reason = items.find(({ state }) => state === 'lost')?.reason
  if (still === 1) said.push(`${found > 0 ? '1 still' : 'Still'} cannot be read: ${seen(reason ?? '')}`)
  else if (still > 1) said.push(`${figure(still)} still cannot be read; the first: ${seen(reason ?? '')}`)
  if (said.length === 0) said.push('Nothing waited any more.')
  return said.join(' ')
}

/** A reason as it stands on the screen: it may name a sign that nobody would see. */
export function seen(reason: string): string {
  return printable(reason.replaceAll(/\s+/g, ' '))
}

/** The same as a sentence of its own. */
export function sentence(reason: string): string {
  const [first = '', ...rest] = seen(reason)
  return first.toUpperCase() + rest.join('')
}

/**
 * Rows by source, in the order in which the newest of each comes; of one source the newest request first, and in it the
 * members as they stood there.
 */
export function bySource(items: readonly LostView[]): { source: LostView['source']; items: LostView[] }[] {
  const groups = Map.groupBy(items, ({ source }) => source.id)
  return [...groups.values()].flatMap((own) =>
    own[0] === undefined ? [] : [{ source: own[0].source, items: own.toSorted(byRequest) }],
  )
}

function byRequest(a: LostView, b: LostView): number {
  const [aPos = 0, aIndex = 0] = a.id.split('.').map(Number)
  const [bPos = 0, bIndex = 0] = b.id.split('.').map(Number)
  return bPos - aPos || aIndex - bIndex
}
