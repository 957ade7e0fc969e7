import { z } from 'zod'
import { isOpen } from '#shared/incident/state.ts'
import { type Me, meSchema, type Summary, summarySchema } from '#shared/wire.ts'
import type { LinkClock } from '../transport.ts'
import type { Keep } from './keep.ts'

/** The last picture that this device saw, small: what concerns the person who saw it, and no more. */
const pictureSchema = z.object({
  me: meSchema,
  incidents: z.array(summarySchema),
  /** What screens noted beside it, by their own keys: the brief of an offer, the shift. */
  beside: z.record(z.string(), z.unknown()),
})
export type KeptPicture = z.output<typeof pictureSchema> & {
  /** When it was last known to be true, epoch ms by the server's clock. */
  at: number
}

const pictureKey = 'picture'
const aliveKey = 'picture-at'
const everyMs = 10_000
/** A phone's screen shows some five. */
const mostKept = 60

/** What I own, assist, am offered, or could claim; what is mine before what is nobody's. */
export function worthKeeping(incidents: Iterable<Summary>, me: Pick<Me, 'id' | 'teams'>): Summary[] {
  const mine: Summary[] = []
  const nobodys: Summary[] = []
  for (const summary of incidents) {
    if (!isOpen(summary.phase)) continue
    const { owner, offer, assistants, team } = summary
    const inRole = summary.roles?.some(({ holder, offer }) => holder?.id === me.id || offer?.eligible.includes(me.id))
    if (owner?.id === me.id || offer?.eligible.includes(me.id) || assistants.some(({ id }) => id === me.id) || inRole)
      mine.push(summary)
    else if (owner === null && (me.teams.length === 0 || team === null || me.teams.includes(team)))
      nobodys.push(summary)
  }
  nobodys.sort((a, b) => (a.tier ?? 1) - (b.tier ?? 1) || (a.openedAt < b.openedAt ? -1 : 1))
  return [...mine, ...nobodys].slice(0, mostKept)
}

export interface PictureKeeper {
  /** What was kept, whoever saw it; null: nothing, or of a version that this one cannot read. */
  read(): Promise<KeptPicture | null>
  /** It is true now. Written at most every ten seconds, and only what has changed. */
  seen(me: Me, incidents: ReadonlyMap<string, Summary>, at: number): void
  /** Something that belongs to it; null takes it away. */
  beside(key: string, value: unknown): void
  /** These are not on the board any more: what is kept of them goes at once, and does not wait for its turn. */
  drop(ids: ReadonlySet<string>): void
  forget(): Promise<void>
}

function withoutBrief(beside: Record<string, unknown>, id: string): Record<string, unknown> {
  const { [`brief/${id}`]: _, ...left } = beside
  return left
}

export function makePictureKeeper(keep: Keep, clock: LinkClock): PictureKeeper {
  let written: { me: Me; incidents: ReadonlyMap<string, Summary>; beside: Record<string, unknown> } | null = null
  let beside: Record<string, unknown> = {}
  let restingUntil = 0
  return {
    async read() {
      const entries = await keep.read()
      const parsed = pictureSchema.safeParse(entries.get(pictureKey))
      const at = entries.get(aliveKey)
      if (!parsed.success || typeof at !== 'number') return null
      beside = { ...parsed.data.beside, ...beside }
      return { ...parsed.data, at }
    },
    seen(me, incidents, at) {
      const now = clock.now()
      if (now < restingUntil) return
      restingUntil = now + everyMs
      void keep.change(aliveKey, () => at)
      if (written?.me === me && written.incidents === incidents && written.beside === beside) return
      if (written !== null && written.me.id !== me.id) beside = {}
      const kept = worthKeeping(incidents.values(), me)
      const ids = new Set(kept.map(({ id }) => id))
      const left = Object.entries(beside).filter(([key]) => !key.startsWith('brief/') || ids.has(key.slice(6)))
      if (left.length < Object.keys(beside).length) beside = Object.fromEntries(left)
      written = { me, incidents, beside }
      const picture = { me, incidents: kept, beside }
      void keep.change(pictureKey, () => picture)
    },
    beside(key, value) {
      if (JSON.stringify(beside[key] ?? null) === JSON.stringify(value)) return
      beside = { ...beside, [key]: value }
    },
    drop(ids) {
      for (const id of ids) beside = withoutBrief(beside, id)
      written = null
      restingUntil = 0
      void keep.change(pictureKey, (before) => {
        const parsed = pictureSchema.safeParse(before)
        if (!parsed.success) return undefined
        const { me, incidents, beside } = parsed.data
        const left = incidents.filter(({ id }) => !ids.has(id))
        return { me, incidents: left, beside: [...ids].reduce(withoutBrief, beside) }
      })
    },
    async forget() {
      written = null
      beside = {}
      await keep.change(pictureKey, () => undefined)
      await keep.change(aliveKey, () => undefined)
    },
  }
}
