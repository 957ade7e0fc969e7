import { z } from 'zod'
import { extents, felt, type Report, type ReportAnswer, reportAnswerSchema, reportSchema } from '#shared/report.ts'

/** What is being written, as the fields hold it. */
const draftSchema = z.object({
  /** Of the report: sent twice, it is one. */
  id: z.string(),
  title: z.string(),
  details: z.string(),
  felt: z.enum(felt.map(({ value }) => value)).nullable(),
  affected: z.enum(extents.map(({ value }) => value)).nullable(),
  who: z.string(),
  /** As the browser's field for date and time has it: local, without zone. */
  since: z.string(),
  service: z.string(),
  environment: z.string(),
  place: z.string(),
  evidence: z.string(),
  /** One a line. */
  links: z.string(),
  contact: z.string(),
})
export type Draft = z.output<typeof draftSchema>

/** A report that was sent from this tab. */
const sentSchema = z.object({ answer: reportAnswerSchema, title: z.string(), at: z.number() })
export interface Sent {
  answer: ReportAnswer
  title: string
  /** Epoch ms, by the server's clock. */
  at: number
}

const keptSchema = z.object({ person: z.string(), draft: draftSchema.nullable(), sent: z.array(sentSchema) })
type Kept = z.output<typeof keptSchema>

const place = 'uxbridge report'
const sentKept = 5

export function emptyDraft(id: string): Draft {
  const words = { title: '', details: '', who: '', since: '', service: '', environment: '', place: '', evidence: '' }
  return { id, felt: null, affected: null, links: '', contact: '', ...words }
}

/** Whether anything was written. */
export function isEmpty({ id: _, ...fields }: Draft): boolean {
  return Object.values(fields).every((value) => value === null || value === '')
}

/**
 * What this tab keeps over a reload: losing what somebody wrote is a defect. Of one person only: what somebody else left
 * here is forgotten unread.
 */
export interface Drawer {
  draft: Draft | null
  sent: readonly Sent[]
  /** @returns false where the browser keeps nothing; then a reload would lose it */
  keep(draft: Draft | null, sent: readonly Sent[]): boolean
}

/** @param storage of the tab; reading and writing it may throw */
export function openDrawer(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, person: string): Drawer {
  const kept = read(storage, person)
  return {
    draft: kept?.draft ?? null,
    sent: kept?.sent ?? [],
    keep(draft, sent) {
      try {
        const next: Kept = { person, draft, sent: sent.slice(0, sentKept) }
        if (draft === null && sent.length === 0) storage.removeItem(place)
        else storage.setItem(place, JSON.stringify(next))
        return true
      } catch {
        return false
      }
    },
  }
}

function read(storage: Pick<Storage, 'getItem' | 'removeItem'>, person: string): Kept | null {
  try {
    const text = storage.getItem(place)
    const kept = text === null ? null : keptSchema.safeParse(JSON.parse(text))
    if (kept?.success && kept.data.person === person) return kept.data
    if (text !== null) storage.removeItem(place)
    return null
  } catch {
    return null
  }
}

/**
 * The report as it is sent, and what is wrong with single fields; those then stand in it empty, so that the rules of the
 * policy can be asked about the others at once.
 */
export function reportOf(draft: Draft): { report: Report; faults: { path: string; message: string }[] } {
  const since = draft.since === '' ? null : new Date(draft.since)
  const written = {
    ...draft,
    since: since === null || Number.isNaN(since.getTime()) ? null : since.toISOString(),
    service: draft.service.trim() === '' ? null : draft.service,
    links: draft.links.split(/\s+/).filter((link) => link !== ''),
  }
  const parsed = reportSchema.safeParse(written)
  if (parsed.success) return { report: parsed.data, faults: [] }
  const faults = parsed.error.issues.map(({ path, message }) => ({ path: String(path[0] ?? ''), message }))
  const wrong = new Set(faults.map(({ path }) => path))
  const sound = Object.fromEntries(Object.entries(written).filter(([name]) => !wrong.has(name)))
  return { report: reportSchema.parse({ id: draft.id, title: '-', ...sound }), faults }
}

/** A moment as the browser's field for date and time has it: local, to the minute. @param at epoch ms */
export function localInput(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}
