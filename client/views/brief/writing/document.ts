import * as Y from 'yjs'
import {
  type Draft,
  type DraftList,
  type DraftRow,
  type DraftText,
  type DraftValue,
  draftListNames,
  draftMaps,
  draftTexts,
  emptyDraft,
  rowOf,
  shapeOf,
} from '#shared/brief/draft.ts'
import type { Suggestion } from '#shared/brief/prefill.ts'
import { briefSchema } from '#shared/incident/brief.ts'

/** What this person does; an undo takes back only that. */
export const typed = 'typed'
/** Set on a row that was removed: what it read then. */
const removedAs = 'removed'
/** Set on a row that was made of a suggestion: what it read then. */
const madeAs = 'made'

const trendSchema = briefSchema.shape.trend
const confidenceSchema = briefSchema.shape.confidence

function rowsIn(doc: Y.Doc, list: DraftList): Y.Map<unknown>[] {
  return doc
    .getArray(list)
    .toArray()
    .filter((row): row is Y.Map<unknown> => row instanceof Y.Map)
}

function wordsOf(row: Y.Map<unknown>, list: DraftList): Record<string, string> {
  const text = (name: string) => {
    const part = row.get(name)
    return part instanceof Y.Text ? part.toString() : ''
  }
  return Object.fromEntries(Object.keys(shapeOf(list).texts).map((name) => [name, text(name)]))
}

/**
 * Rule BD4: a row is gone while it reads as it did when it was removed. Who typed in it meanwhile, not knowing, gets it back with
 * their words; nothing that somebody typed is lost because another did not see it.
 */
function isRemoved(row: Y.Map<unknown>, list: DraftList): boolean {
  const as = row.get(removedAs)
  return typeof as === 'string' && as === JSON.stringify(wordsOf(row, list))
}

/**
 * Rule BD2: what two people kept of one suggestion at once is there once: the later row is not shown while it reads as it was made,
 * whatever became of the first.
 */
function withoutEchoes(rows: readonly Y.Map<unknown>[], list: DraftList): Y.Map<unknown>[] {
  const seen = new Set<unknown>()
  return rows.filter((row) => {
    const from = row.get('from')
    if (typeof from !== 'string') return true
    const echo = seen.has(from) && row.get(madeAs) === JSON.stringify(wordsOf(row, list))
    seen.add(from)
    return !echo
  })
}

/** What the document says. Total: whatever a document holds, it reads as a draft. */
export function readDraft(doc: Y.Doc): Draft {
  const head = doc.getMap(draftMaps.head)
  const begunAt = head.get('begunAt')
  const made = head.get('madeSituation')
  const row = (list: DraftList, map: Y.Map<unknown>): DraftRow => {
    const from = map.get('from')
    const chosen = Object.fromEntries(Object.keys(shapeOf(list).values).map((name) => [name, map.get(name)]))
    return rowOf(list, String(map.get('id')), typeof from === 'string' ? from : null, {
      ...chosen,
      ...wordsOf(map, list),
    })
  }
  const texts = { ...emptyDraft.texts }
  for (const name of draftTexts) texts[name] = doc.getText(name).toString()
  const rows: Record<string, DraftRow[]> = {}
  for (const list of draftListNames)
    rows[list] = withoutEchoes(rowsIn(doc, list), list)
      .filter((map) => !isRemoved(map, list))
      .map((map) => row(list, map))
  return {
    texts,
    trend: trendSchema.catch('unknown').parse(head.get('trend')),
    confidence: confidenceSchema.catch('unsure').parse(head.get('confidence')),
    begunAt: typeof begunAt === 'number' ? begunAt : 0,
    madeSituation: typeof made === 'string' ? made : '',
    rows: rows as unknown as Draft['rows'],
    settled: new Set(doc.getMap(draftMaps.settled).keys()),
  }
}

function findRow(doc: Y.Doc, list: DraftList, id: string): Y.Map<unknown> | undefined {
  return rowsIn(doc, list).find((row) => row.get('id') === id)
}

/** The letters of a part of a row; undefined: there is no such row. */
export function textOfRow(doc: Y.Doc, list: DraftList, id: string, name: string): Y.Text | undefined {
  const part = findRow(doc, list, id)?.get(name)
  return part instanceof Y.Text ? part : undefined
}

export function textOf(doc: Y.Doc, name: DraftText): Y.Text {
  return doc.getText(name)
}

export function addRow(
  doc: Y.Doc,
  list: DraftList,
  id: string,
  parts: Readonly<Record<string, unknown>> = {},
  from: string | null = null,
): void {
  const { texts, values } = rowOf(list, id, from, parts)
  doc.transact(() => {
    const row = new Y.Map<unknown>(Object.entries({ id, from, ...values }))
    for (const [name, text] of Object.entries(texts)) row.set(name, new Y.Text(text))
    if (from !== null) row.set(madeAs, JSON.stringify(texts))
    doc.getArray(list).push([row])
  }, typed)
}

export function removeRow(doc: Y.Doc, list: DraftList, id: string): void {
  const row = findRow(doc, list, id)
  if (row !== undefined) doc.transact(() => row.set(removedAs, JSON.stringify(wordsOf(row, list))), typed)
}

export function choose(doc: Y.Doc, list: DraftList, id: string, name: string, value: DraftValue): void {
  doc.transact(() => findRow(doc, list, id)?.set(name, value), typed)
}

export function chooseHead(doc: Y.Doc, name: 'trend' | 'confidence', value: string): void {
  doc.transact(() => doc.getMap(draftMaps.head).set(name, value), typed)
}

/** Puts other words in place of these, letter by letter where they are the same. */
export function rewrite(text: Y.Text, words: string): void {
  applyEdit(text, editBetween(text.toString(), words, words.length))
}

/** Keeps or drops what the incident suggests; either way it is not asked again. */
export function settle(doc: Y.Doc, suggestion: Suggestion, keep: boolean, newId: () => string): void {
  doc.transact(() => {
    doc.getMap(draftMaps.settled).set(suggestion.key, keep ? 'kept' : 'dropped')
    if (!keep) return
    switch (suggestion.kind) {
      case 'add':
        return addRow(doc, suggestion.list, newId(), suggestion.parts, suggestion.from)
      case 'remove':
        return removeRow(doc, suggestion.list, suggestion.row)
      case 'trend':
        return chooseHead(doc, 'trend', suggestion.trend)
      case 'situation':
        doc.getMap(draftMaps.head).set('madeSituation', suggestion.text)
        return rewrite(doc.getText('situation'), suggestion.text)
      case 'change':
        for (const [name, value] of Object.entries(suggestion.parts)) {
          const text = textOfRow(doc, suggestion.list, suggestion.row, name)
          if (text !== undefined) rewrite(text, String(value))
          else choose(doc, suggestion.list, suggestion.row, name, value as DraftValue)
        }
    }
  }, typed)
}

/** One place where a text was changed: so many letters taken out at `at`, and others put in. */
export interface Edit {
  at: number
  removed: number
  inserted: string
}

/** The first letter of a pair that stands for one character: between the two nothing may be cut. */
const isFirstOfPair = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/**
 * What was typed, from how the field read before and after. Of several ways to read it the one that ends at the caret is taken, as
 * typing does. @param caret where it is after
 */
export function editBetween(before: string, after: string, caret: number): Edit {
  const tail = Math.min(after.length - caret, before.length)
  let end = 0
  // What stands behind the caret was there before, as far as it is the same.
  while (end < tail && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  let start = 0
  const most = Math.min(before.length, after.length) - end
  while (start < most && before[start] === after[start]) start++
  // Text was taken out before the caret, or put in elsewhere: read on behind it.
  while (
    end < Math.min(before.length, after.length) - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++
  if (start > 0 && isFirstOfPair(before.charCodeAt(start - 1))) start--
  if (end > 0 && isFirstOfPair(before.charCodeAt(before.length - end - 1))) end--
  return { at: start, removed: before.length - end - start, inserted: after.slice(start, after.length - end) }
}

export function applyEdit(text: Y.Text, { at, removed, inserted }: Edit): void {
  if (removed === 0 && inserted === '') return
  const write = () => {
    if (removed > 0) text.delete(at, removed)
    if (inserted !== '') text.insert(at, inserted)
  }
  if (text.doc === null) write()
  else text.doc.transact(write, typed)
}

/** Where a place in a text is after what others did to it. A place where they put letters stays before those. */
export function placeAfter(
  place: number,
  delta: readonly { retain?: number; insert?: unknown; delete?: number }[],
): number {
  let at = 0
  let moved = place
  for (const { retain, insert, delete: gone } of delta) {
    if (at > moved) break
    if (retain !== undefined) at += retain
    else if (typeof insert === 'string') {
      if (at < moved) moved += insert.length
      at += insert.length
    } else if (gone !== undefined) moved -= Math.max(0, Math.min(gone, moved - at))
  }
  return moved
}
