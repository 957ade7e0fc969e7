import * as Y from 'yjs'
import { type Draft, type DraftRow, draftListNames, draftMaps, draftTexts } from '#shared/brief/draft.ts'

/** A shared document with its parts declared: an edit cannot make something else of them. */
export function openDocument(bytes: Uint8Array | null): Y.Doc {
  const doc = new Y.Doc()
  for (const name of draftTexts) doc.getText(name)
  for (const name of draftListNames) doc.getArray(name)
  for (const name of Object.values(draftMaps)) doc.getMap(name)
  if (bytes !== null) Y.applyUpdate(doc, bytes)
  return doc
}

function mapOf({ id, from, texts, values }: DraftRow): Y.Map<unknown> {
  const row = new Y.Map<unknown>(Object.entries({ id, from, ...values }))
  for (const [name, text] of Object.entries(texts)) row.set(name, new Y.Text(text))
  return row
}

/** Writes how a draft begins into an empty document. */
export function beginDocument(draft: Draft): Y.Doc {
  const doc = openDocument(null)
  doc.transact(() => {
    for (const name of draftTexts) doc.getText(name).insert(0, draft.texts[name])
    for (const name of draftListNames) doc.getArray(name).push(draft.rows[name].map(mapOf))
    const head = doc.getMap(draftMaps.head)
    const { trend, confidence, begunAt, madeSituation } = draft
    for (const [name, value] of Object.entries({ trend, confidence, begunAt, madeSituation })) head.set(name, value)
  })
  return doc
}

/** Whether something of it waits for what never came. */
export function hasGaps(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null
}
