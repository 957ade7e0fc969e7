import type { Brief, BriefInput } from '../incident/brief.ts'

/**
 * A brief while it is written by several people at once. What both ends must agree on of the shared document stands here as
 * data: its texts, its lists, and what a row of each has. Texts are merged letter by letter, values by the last word.
 */
export const draftTexts = ['situation', 'noContingencyBecause', 'constraints'] as const
export type DraftText = (typeof draftTexts)[number]

export type DraftValue = string | boolean | null
interface ListShape {
  /** So many rows a brief may have (`briefSchema`). */
  most: number
  /** Parts of a row that are typed, with the letters each may have. */
  texts: Readonly<Record<string, number>>
  /** Parts of a row that are chosen, with what a new row has. */
  values: Readonly<Record<string, DraftValue>>
}
export const draftLists = {
  done: { most: 5, texts: { text: 200 }, values: {} },
  ruledOut: { most: 3, texts: { text: 200 }, values: {} },
  hypotheses: { most: 3, texts: { text: 200 }, values: { confidence: 'unsure' } },
  actions: {
    most: 7,
    texts: { text: 200 },
    values: { owner: null, dueAt: null, state: 'open', irreversible: false },
  },
  contingencies: { most: 3, texts: { if: 140, do: 140 }, values: {} },
  promises: { most: 5, texts: { text: 200 }, values: {} },
} as const satisfies Record<string, ListShape>
export type DraftList = keyof typeof draftLists
export const draftListNames = Object.keys(draftLists) as DraftList[]
export const shapeOf = (list: DraftList): ListShape => draftLists[list]
export const textLimits: Readonly<Record<DraftText, number>> = {
  situation: 280,
  noContingencyBecause: 140,
  constraints: 280,
}

/** Names of what else the document holds: chosen once for the whole brief, and which suggestions were answered. */
export const draftMaps = { head: 'head', settled: 'settled' } as const

export interface DraftRow {
  /** Its own for ever, wherever it stands. */
  id: string
  /** What of the incident it was made from, such as `task:3`; null: somebody typed it. */
  from: string | null
  texts: Readonly<Record<string, string>>
  values: Readonly<Record<string, DraftValue>>
}

/** What the document says, without how it came to say it. */
export interface Draft {
  texts: Readonly<Record<DraftText, string>>
  trend: Brief['trend']
  confidence: Brief['confidence']
  /** Epoch ms at which it was begun. */
  begunAt: number
  /** The situation as it was made from the incident; while it reads so, nobody has typed it. */
  madeSituation: string
  rows: Readonly<Record<DraftList, readonly DraftRow[]>>
  /** Suggestions that somebody kept or dropped, by key. */
  settled: ReadonlySet<string>
}

export const emptyDraft: Draft = {
  texts: { situation: '', noContingencyBecause: '', constraints: '' },
  trend: 'unknown',
  confidence: 'unsure',
  begunAt: 0,
  madeSituation: '',
  rows: { done: [], ruledOut: [], hypotheses: [], actions: [], contingencies: [], promises: [] },
  settled: new Set(),
}

/** A row as the brief has it. @param id must be new in its document */
export function rowOf(
  list: DraftList,
  id: string,
  from: string | null,
  parts: Readonly<Record<string, unknown>>,
): DraftRow {
  const { texts, values } = shapeOf(list)
  const text = (name: string) => (typeof parts[name] === 'string' ? parts[name] : '')
  const value = (name: string, usual: DraftValue): DraftValue => {
    const said = parts[name]
    return typeof said === 'string' || typeof said === 'boolean' || said === null ? said : usual
  }
  return {
    id,
    from,
    texts: Object.fromEntries(Object.keys(texts).map((name) => [name, text(name)])),
    values: Object.fromEntries(Object.entries(values).map(([name, usual]) => [name, value(name, usual)])),
  }
}

/** A row of the brief as plain parts: lists of lines have lines, not objects. */
export function partsOf(row: unknown): Record<string, unknown> {
  return typeof row === 'string' ? { text: row } : { ...(row as Record<string, unknown>) }
}

const isBlank = (row: DraftRow): boolean => Object.values(row.texts).every((text) => text.trim() === '')

/**
 * The rows that count. Rule BD2: of rows that were made from the same thing and read the same, as when two people keep one
 * suggestion at once, the first counts.
 */
export function rowsThatCount(rows: readonly DraftRow[]): DraftRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    if (isBlank(row)) return false
    if (row.from === null) return true
    const mark = JSON.stringify([row.from, row.texts])
    if (seen.has(mark)) return false
    seen.add(mark)
    return true
  })
}

/** The draft as a brief to be kept: without blank rows. It may still break a limit, which `briefSchema` then names. */
export function briefOf(draft: Draft): BriefInput {
  const rows = (list: DraftList) =>
    rowsThatCount(draft.rows[list]).map(({ texts, values }) => {
      const trimmed = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()]))
      return { ...trimmed, ...values } as Record<string, never>
    })
  const lines = (list: DraftList) => rows(list).map(({ text }) => text ?? '')
  return {
    trend: draft.trend,
    confidence: draft.confidence,
    situation: draft.texts.situation.trim(),
    done: lines('done'),
    ruledOut: lines('ruledOut'),
    hypotheses: rows('hypotheses') as unknown as Brief['hypotheses'],
    actions: rows('actions') as unknown as Brief['actions'],
    contingencies: rows('contingencies') as unknown as Brief['contingencies'],
    noContingencyBecause: draft.texts.noContingencyBecause.trim(),
    promises: lines('promises'),
    constraints: draft.texts.constraints.trim(),
  }
}

/** Letters and rows beyond what a brief may have, by field: what a counter shows while it is typed. */
export function overLimits(draft: Draft): { path: string; over: number }[] {
  const found: { path: string; over: number }[] = []
  const add = (path: string, have: number, most: number) => {
    if (have > most) found.push({ path, over: have - most })
  }
  for (const name of draftTexts) add(name, draft.texts[name].trim().length, textLimits[name])
  for (const list of draftListNames) {
    const { most, texts } = shapeOf(list)
    const rows = rowsThatCount(draft.rows[list])
    add(list, rows.length, most)
    for (const [index, row] of rows.entries())
      for (const [name, limit] of Object.entries(texts))
        add(`${list}.${index}.${name}`, (row.texts[name] ?? '').trim().length, limit)
  }
  return found
}
