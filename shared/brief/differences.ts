import { type Brief, type BriefInput, briefSchema } from '../incident/brief.ts'
import { type DraftList, draftListNames, partsOf } from './draft.ts'

/** One thing in which two briefs differ, in words. */
export interface BriefChange {
  part: string
  kind: 'new' | 'gone' | 'changed'
  /** Null where it was not there. */
  before: string | null
  after: string | null
}

export const partNames: Readonly<Record<DraftList, string>> = {
  done: 'Known and done',
  ruledOut: 'Ruled out',
  hypotheses: 'Suspected',
  actions: 'Actions',
  contingencies: 'If … then',
  promises: 'Promised',
}

type NameOf = (personId: string) => string
const clock = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

/** A row of a brief as one line. */
export function rowWords(list: DraftList, row: unknown, nameOf: NameOf): string {
  const parts = partsOf(row)
  const text = String(parts.text ?? '')
  if (list === 'hypotheses') return `${text} (${parts.confidence ?? 'unsure'})`
  if (list === 'contingencies') return `if ${parts.if} then ${parts.do}`
  if (list !== 'actions') return text
  const marks = [
    parts.state === undefined || parts.state === 'open' ? null : String(parts.state),
    parts.irreversible === true ? 'irreversible' : null,
    typeof parts.owner === 'string' ? nameOf(parts.owner) : null,
    typeof parts.dueAt === 'string' ? `by ${clock(parts.dueAt)}` : null,
  ].filter((mark) => mark !== null)
  return marks.length === 0 ? text : `${text} (${marks.join(', ')})`
}

/** What tells rows of a list apart: one with the same words is the same, whatever else of it has changed. */
const wordsOf = (list: DraftList, row: unknown): string => {
  const parts = partsOf(row)
  return list === 'contingencies' ? String(parts.if) : String(parts.text)
}

/** In what `after` differs from `before`, in the order of a brief. Empty: they say the same. @param before null: there was none */
export function differences(before: BriefInput | null, after: BriefInput, nameOf: NameOf = (id) => id): BriefChange[] {
  const found: BriefChange[] = []
  const line = (part: string, was: string, is: string) => {
    if (was === is) return
    found.push({
      part,
      kind: was === '' ? 'new' : is === '' ? 'gone' : 'changed',
      before: was === '' ? null : was,
      after: is === '' ? null : is,
    })
  }
  line('Situation', before?.situation ?? '', after.situation)
  if (before !== null) {
    line('Trend', before.trend ?? 'unknown', after.trend ?? 'unknown')
    line('How sure', before.confidence ?? 'unsure', after.confidence ?? 'unsure')
  }
  for (const list of draftListNames) {
    const was = [...((before?.[list] ?? []) as readonly unknown[])]
    for (const row of (after[list] ?? []) as readonly unknown[]) {
      const at = was.findIndex((one) => wordsOf(list, one) === wordsOf(list, row))
      const old = at === -1 ? '' : rowWords(list, was.splice(at, 1)[0], nameOf)
      line(partNames[list], old, rowWords(list, row, nameOf))
    }
    for (const row of was) line(partNames[list], rowWords(list, row, nameOf), '')
  }
  line('Why there is no if-then', before?.noContingencyBecause ?? '', after.noContingencyBecause ?? '')
  line('Do not', before?.constraints ?? '', after.constraints ?? '')
  return found
}

/** A brief as plain text, to be read aloud, printed or sent on. */
export function briefText(brief: Brief, nameOf: NameOf): string {
  const parts = [
    `SITUATION (${brief.trend === 'unknown' ? 'trend unknown' : brief.trend}, ${brief.confidence})`,
    brief.situation,
  ]
  for (const list of draftListNames) {
    const rows = brief[list] as readonly unknown[]
    if (rows.length > 0)
      parts.push('', partNames[list].toUpperCase(), ...rows.map((row) => `- ${rowWords(list, row, nameOf)}`))
  }
  if (brief.contingencies.length === 0 && brief.noContingencyBecause !== '')
    parts.push('', 'IF … THEN', `None: ${brief.noContingencyBecause}`)
  if (brief.constraints !== '') parts.push('', 'DO NOT', brief.constraints)
  return parts.join('\n')
}

/** Reads a brief as it came; one that cannot be read shows its situation at least. */
export function readBrief(raw: { situation: string }): Brief {
  const parsed = briefSchema.safeParse(raw)
  return parsed.success ? parsed.data : briefSchema.parse({ situation: raw.situation.slice(0, 280).trim() || '–' })
}
