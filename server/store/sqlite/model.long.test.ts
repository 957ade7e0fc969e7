import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evolve } from '#shared/incident/evolve.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import { outcomes } from '#shared/outcome.ts'
import {
  alert,
  answer,
  auditEntry,
  claimed,
  decision,
  declared,
  logEntry,
  lostItem,
  noon,
  noted,
  recorded,
} from '../contract-samples.ts'
import { makeMemoryStore } from '../memory.ts'
import type { Intention, Store } from '../port.ts'
import { openSqliteStore } from './open.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const small = fc.nat(5)

const slice = fc.array(fc.record({ id: small, live: fc.boolean(), title: text }), { maxLength: 3 })

/** What one intention holds, without the positions: those depend on what came before. */
const step = fc.record({
  log: fc.array(fc.record({ body: fc.uint8Array({ maxLength: 2000 }), source: fc.option(text) }), { maxLength: 3 }),
  facts: fc.array(fc.record({ incident: small, words: text, dismiss: fc.boolean() }), { maxLength: 3 }),
  audit: fc.array(
    fc.record({ address: fc.option(fc.ipV4()), by: fc.constantFrom('person:ada', 'anonymous', 'token:x') }),
    { maxLength: 2 },
  ),
  ledger: fc.array(
    fc.record({
      minute: small,
      outcome: fc.constantFrom('accepted' as const, ...outcomes),
      count: fc.integer({ min: 1, max: 1000 }),
    }),
    { maxLength: 3 },
  ),
  decisions: fc.array(fc.record({ incident: fc.option(small), reason: text }), { maxLength: 2 }),
  settings: fc.array(
    fc.record({ id: small, doc: fc.jsonValue(), personal: fc.option(fc.jsonValue()), remove: fc.boolean() }),
    { maxLength: 3 },
  ),
  lost: fc.array(fc.record({ pos: small, index: small, reason: text, remove: fc.boolean() }), { maxLength: 3 }),
  answer: fc.option(fc.record({ id: small, body: fc.jsonValue() })),
  /** Slices handed in ahead; the first may give up what was not finished. */
  parts: fc.array(fc.record({ anew: fc.boolean(), alerts: slice }), { maxLength: 2 }),
  checkpoint: fc.boolean(),
  alerts: slice,
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Gives the steps their places in log, journal, audit and streams. */
function intentionsOf(steps: readonly Step[]): Intention[] {
  const incidents = new Map<string, Incident>()
  const changed = new Set<string>()
  let pos = 0
  let seq = 0
  let auditSeq = 0
  let parts = 0
  const rows = (alerts: Step['alerts']) =>
    alerts.map(({ id, live, title }) => ({ alert: alert(`a${id}`, { title, incidentId: `INC-${id}` }), live }))
  return steps.flatMap((step): Intention[] => {
    const ahead = step.parts.map(({ anew, alerts }): Intention => {
      if (anew) parts = 0
      return { checkpointPart: { index: parts++, alerts: rows(alerts), incidents: [] } }
    })
    const log = step.log.map(({ body, source }) =>
      logEntry(++pos, '', { body, sourceId: source, kind: source === null ? 'tick' : 'request' }),
    )
    const facts = step.facts.map(({ incident, words, dismiss }): RecordedFact => {
      const id = `INC-${incident}`
      const known = incidents.get(id) ?? null
      const version = (known?.version ?? 0) + 1
      seq++
      let fact = noted(seq, id, version, words)
      if (known === null)
        fact = declared(seq, id, { title: words, description: words, service: incident % 2 ? 'checkout' : null })
      else if (dismiss && known.phase === 'triage')
        fact = recorded(seq, id, version, { type: 'dismissed', at: noon + seq, by: 'person:ada', reason: words })
      else if (known.owner === null && known.phase === 'triage') fact = claimed(seq, id, version)
      incidents.set(id, evolve(known, fact))
      changed.add(id)
      return fact
    })
    const intention: Intention = {
      log,
      facts,
      audit: step.audit.map((entry) => auditEntry(++auditSeq, entry)),
      ledger: step.ledger.map(({ minute, ...row }) => ({ minute: noon + minute * 60_000, sourceId: 's', ...row })),
      decisions: step.decisions.map(({ incident, reason }, index) =>
        decision(pos, index, { reason, incidentId: incident === null ? null : `INC-${incident}` }),
      ),
      answers: step.answer === null ? [] : [answer(`c-${step.answer.id}`, { body: step.answer.body })],
      put: step.settings
        .filter((row) => !row.remove)
        .map(({ id, doc, personal }) => ({
          kind: 'k',
          id: `${id}`,
          doc,
          personal: personal === null ? null : { personId: `p${id}`, value: personal },
        })),
      lost: step.lost.flatMap(({ remove, pos, index, reason }) => (remove ? [] : [lostItem(pos, index, { reason })])),
      unlost: step.lost.filter((item) => item.remove),
      remove: step.settings.filter((row) => row.remove).map(({ id }) => ({ kind: 'k', id: `${id}` })),
    }
    if (step.checkpoint) {
      const snapshots = [...changed].flatMap((id) => incidents.get(id) ?? [])
      changed.clear()
      intention.checkpoint = {
        pos,
        seq,
        filter: { pos },
        alerts: rows(step.alerts),
        incidents: snapshots,
        parts,
      }
      parts = 0
    }
    return [...ahead, intention]
  })
}

async function everythingIn({ read }: Store): Promise<unknown> {
  const ids = [0, 1, 2, 3, 4, 5].map((n) => `INC-${n}`)
  const restored = await read.restore({ settledAfter: noon + 5 })
  return {
    ...restored,
    alerts: restored.alerts.sort((a, b) => (a.id < b.id ? -1 : 1)),
    incidents: restored.incidents.sort((a, b) => a.seq - b.seq),
    log: await read.logAfter(0, 10_000),
    facts: await Promise.all(ids.map((id) => read.factsOf(id))),
    folded: await Promise.all(ids.map((id) => read.incident(id))),
    alertsOf: await Promise.all(ids.map((id) => read.alertsOf(id, 100))),
    decisions: await Promise.all(ids.map((id) => read.decisionsOf(id, 100))),
    answers: await Promise.all([0, 1, 2, 3, 4, 5].map((n) => read.answer('person:ada', `c-${n}`))),
    open: await read.incidents({ open: true, limit: 3 }),
    checkout: await read.incidents({ service: 'checkout', limit: 10 }),
    ledger: await read.ledger(0),
    settings: await read.settings(),
    audit: await read.audit(0, 1000),
    lost: await read.lost({ limit: 100 }),
    lostPage: await read.lost({ limit: 2, before: { pos: 3, index: 3 } }),
  }
}

test('rule S8: whatever was committed reads back the same from the disk as from memory, also after a restart', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const dir = await mkdtemp(join(tmpdir(), 'uxbridge-model-'))
      try {
        const model = makeMemoryStore()
        let store = await openSqliteStore({ dir })
        const intentions = intentionsOf(steps)
        for (const intention of intentions) await model.commit(intention)
        await Promise.all(intentions.map((intention) => store.commit(intention)))
        const expected = await everythingIn(model)
        expect(await everythingIn(store)).toEqual(expected)
        await store.close()
        store = await openSqliteStore({ dir })
        expect(await everythingIn(store)).toEqual(expected)
        expect((await store.read.verify()).problems).toEqual([])
        await store.close()
      } finally {
        await rm(dir, { recursive: true })
      }
    }),
    { numRuns: 6 },
  )
})
