import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fold } from '#shared/incident/evolve.ts'
import { erasedText, type RecordedFact } from '#shared/incident/facts.ts'
import { checkpointContract, found } from './contract-checkpoints.ts'
import {
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
} from './contract-samples.ts'
import type { Store } from './port.ts'

/** A place that a store lives in, for as long as one test. */
export interface StoreHouse {
  open(): Promise<Store>
  /** Everything that was opened is closed by then. */
  remove(): Promise<void>
}

/** What every store owes to those who build on its port. Runs the same on memory, SQLite and (later) PostgreSQL. */
export function storeContract(name: string, makeHouse: () => Promise<StoreHouse>): void {
  describe(`${name} keeps the store's contract`, { timeout: 20_000 }, () => {
    let house: StoreHouse
    let store: Store

    beforeEach(async () => {
      house = await makeHouse()
      store = await house.open()
    })
    afterEach(async () => {
      await store.close()
      await house.remove()
    })

    test('a new store is empty', async () => {
      expect(await store.read.restore({ settledAfter: 0 })).toEqual({
        pos: 0,
        seq: 0,
        auditSeq: 0,
        checkpoint: null,
        alerts: [],
        incidents: [],
      })
      expect(await store.read.incident('INC-1')).toBeNull()
      expect(await store.read.answer('person:ada', 'x')).toBeNull()
      expect(store.failure()).toBeNull()
      expect((await store.read.verify()).ok).toBe(true)
    })

    test('S13 of several that ask for a lease one has it, and after its time whoever asks next, who is told to look', async () => {
      const minute = 60_000
      const asked = (holder: string, at: number, ...keys: string[]) =>
        store.lease({ keys, holder, at, until: at + minute })
      const both = await Promise.all([asked('one', noon, 'a', 'b', 'a'), asked('two', noon, 'b', 'c')])
      expect(both).toEqual([
        [
          { key: 'a', again: false },
          { key: 'b', again: false },
        ],
        [{ key: 'c', again: false }],
      ])
      expect(await asked('one', noon + 1, 'a')).toEqual([{ key: 'a', again: true }])
      expect(await asked('two', noon + minute, 'a', 'b')).toEqual([{ key: 'b', again: true }])
      expect((await store.read.verify()).ok).toBe(true)
    })

    test('log entries come back in order, byte for byte', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      const entries = [
        logEntry(1),
        logEntry(2, '', { body: bytes }),
        logEntry(3, '', { kind: 'tick', sourceId: null, adapter: '' }),
        logEntry(4, 'x'.repeat(1_500_000)),
        logEntry(5, 'é'),
      ]
      await store.commit({ log: entries.slice(0, 3) })
      await Promise.all(entries.slice(3).map((entry) => store.commit({ log: [entry] })))
      const all = await store.read.logAfter(0, 100)
      expect(all.map(({ body: _, ...entry }) => entry)).toEqual(entries.map(({ body: _, ...entry }) => entry))
      for (const [index, entry] of entries.entries())
        expect(Buffer.compare(all[index]?.body ?? Buffer.of(), entry.body)).toBe(0)
      expect(await store.read.logAfter(1, 2)).toEqual(entries.slice(1, 3))
      expect(await store.read.logAfter(5, 100)).toEqual([])
    })

    test('a body is taken as it was when it was handed in', async () => {
      const body = new TextEncoder().encode('before')
      const done = store.commit({ log: [logEntry(1, '', { body })] })
      body.fill(0)
      await done
      expect(new TextDecoder().decode((await store.read.logAfter(0, 1))[0]?.body)).toBe('before')
    })

    test('facts come back as they were, by incident and from a version on', async () => {
      const facts = [
        declared(1, 'INC-1'),
        declared(2, 'INC-2'),
        claimed(3, 'INC-1', 2),
        noted(4, 'INC-1', 3, 'it is DNS ☂'),
      ]
      await store.commit({ facts: facts.slice(0, 2) })
      await store.commit({ facts: facts.slice(2) })
      const first = facts.filter((fact) => fact.incidentId === 'INC-1')
      expect(await store.read.factsOf('INC-1')).toEqual(first)
      expect(await store.read.factsOf('INC-1', 2)).toEqual(first.slice(2))
      expect(await store.read.incident('INC-1')).toEqual(fold(first))
    })

    test('facts are found by time and type, over all incidents, oldest first, the newest of them where they are many', async () => {
      const facts = [
        declared(1, 'INC-1'),
        declared(2, 'INC-2'),
        claimed(3, 'INC-1', 2),
        noted(4, 'INC-1', 3, 'it is DNS ☂'),
        claimed(5, 'INC-2', 2),
      ].map((fact, index) => ({ ...fact, at: noon + index * 3_600_000 }))
      await store.commit({ facts })
      const { factsSince } = store.read
      expect(await factsSince(0, ['claimed', 'declared'], 9)).toEqual(facts.filter(({ type }) => type !== 'noted'))
      expect(await factsSince(noon + 2 * 3_600_000, ['claimed', 'noted'], 9)).toEqual(facts.slice(2))
      expect(await factsSince(noon + 2 * 3_600_000 + 1, ['claimed'], 9)).toEqual(facts.slice(4))
      expect(await factsSince(0, ['claimed'], 1)).toEqual(facts.slice(4))
      expect(await factsSince(noon + 9 * 3_600_000, ['claimed'], 9)).toEqual([])
    })

    test('facts of some types are read on from a place in the journal, in its order', async () => {
      const facts = [declared(1, 'INC-1'), declared(2, 'INC-2'), claimed(3, 'INC-1', 2), claimed(4, 'INC-2', 2)]
      await store.commit({ facts })
      const { factsAfter } = store.read
      expect(await factsAfter(0, ['claimed', 'declared'], 9)).toEqual(facts)
      expect(await factsAfter(0, ['claimed'], 1)).toEqual(facts.slice(2, 3))
      expect(await factsAfter(3, ['claimed', 'declared'], 9)).toEqual(facts.slice(3))
      expect(await factsAfter(4, ['claimed'], 9)).toEqual([])
    })

    test('rule S1: a gap in log, journal or audit is refused, and nothing of it is kept', async () => {
      await store.commit({ log: [logEntry(1)], facts: [declared(1, 'INC-1')], audit: [auditEntry(1)] })
      await expect(store.commit({ log: [logEntry(3)] })).rejects.toMatchObject({ code: 'internal' })
      await expect(store.commit({ log: [logEntry(2)], facts: [declared(3, 'INC-2')] })).rejects.toMatchObject({
        code: 'internal',
      })
      await expect(store.commit({ audit: [auditEntry(1)] })).rejects.toMatchObject({ code: 'internal' })
      await store.commit({ log: [logEntry(2)], facts: [declared(2, 'INC-2')], audit: [auditEntry(2)] })
      expect(await store.read.restore({ settledAfter: 0 })).toMatchObject({ pos: 2, seq: 2, auditSeq: 2 })
    })

    test('rule S2: a gap in the versions of an incident is refused, and nothing of it is kept', async () => {
      await store.commit({ facts: [declared(1, 'INC-1')] })
      await expect(store.commit({ facts: [claimed(2, 'INC-1', 3)], audit: [auditEntry(1)] })).rejects.toMatchObject({
        code: 'internal',
      })
      await store.mend()
      await expect(store.commit({ facts: [declared(2, 'INC-1')] })).rejects.toMatchObject({ code: 'internal' })
      await store.mend()
      await store.commit({ facts: [claimed(2, 'INC-1', 2)] })
      expect(await store.read.audit(0, 10)).toEqual([])
      expect(await store.read.factsOf('INC-1')).toHaveLength(2)
    })

    test('audit entries come back in order, with their address and the reason given', async () => {
      const entries = [
        auditEntry(1),
        auditEntry(2, { by: 'anonymous', address: null, outcome: 'refused', detail: { code: 'credentials-wrong' } }),
        auditEntry(3, { address: null, reason: 'to see what the sender means' }),
      ]
      await store.commit({ audit: entries })
      expect(await store.read.audit(0, 10)).toEqual(entries)
      expect(await store.read.audit(1, 10)).toEqual(entries.slice(1))
    })

    test('rule F1: counts of the ledger add up, also over commits', async () => {
      const minute = noon
      const one = { minute, sourceId: 'src-1', outcome: 'repeated' as const, count: 1 }
      await Promise.all(
        Array.from({ length: 20 }, () => store.commit({ ledger: [one, { ...one, outcome: 'opened', count: 2 }] })),
      )
      await store.commit({
        ledger: [
          { ...one, sourceId: 'src-2', count: 7 },
          { ...one, minute: minute + 60_000 },
        ],
      })
      // What the door accepted is a count of its own: that it is the sum of the others is for the readers to see.
      const door = { minute, sourceId: 'src-3', outcome: 'accepted' as const, count: 5 }
      await store.commit({ ledger: [door, { ...one, sourceId: 'src-3', count: 2 }] })
      await store.commit({ ledger: [{ ...door, count: 1 }] })
      expect(await store.read.ledger(minute)).toEqual([
        { minute, sourceId: 'src-1', accepted: 60, counts: { repeated: 20, opened: 40 } },
        { minute, sourceId: 'src-2', accepted: 7, counts: { repeated: 7 } },
        { minute, sourceId: 'src-3', accepted: 6, counts: { repeated: 2 } },
        { minute: minute + 60_000, sourceId: 'src-1', accepted: 1, counts: { repeated: 1 } },
      ])
      expect(await store.read.ledger(minute + 1)).toHaveLength(1)
    })

    test('decisions are found by their incident, oldest first', async () => {
      const rows = [
        decision(1, 0),
        decision(1, 1, { outcome: 'attached' }),
        decision(1, 2, { incidentId: null, alertId: null }),
        decision(2, 0),
      ]
      await store.commit({ decisions: rows })
      expect(await store.read.decisionsOf('INC-1', 10)).toEqual([rows[0], rows[1], rows[3]])
      expect(await store.read.decisionsOf('INC-1', 1)).toEqual([rows[0]])
    })

    test('decisions are found by their alert and by their rule, newest first, page by page, with when they were', async () => {
      const rows = [
        decision(1, 0),
        decision(1, 1, { stage: 'silence', rule: 'a', alertId: 'a2', incidentId: null }),
        decision(2, 0, { stage: 'silence', rule: 'b' }),
        decision(2, 1, { stage: 'silence', rule: 'a' }),
      ]
      await store.commit({ log: [logEntry(1)], decisions: rows.slice(0, 2) })
      await store.commit({ log: [logEntry(2)], decisions: rows.slice(2) })
      const { decisions } = store.read
      const plain = (kept: Awaited<ReturnType<typeof decisions>>) => kept.map(({ n: _, at: __, ...row }) => row)
      expect(plain(await decisions({ limit: 9 }))).toEqual(rows.toReversed())
      expect(plain(await decisions({ alertId: rows[0]?.alertId ?? '', limit: 9 }))).toEqual([rows[3], rows[2], rows[0]])
      const first = await decisions({ stage: 'silence', rule: 'a', limit: 1 })
      expect(plain(first)).toEqual([rows[3]])
      const next = await decisions({ stage: 'silence', rule: 'a', limit: 9, before: first[0]?.n ?? 0 })
      expect(plain(next)).toEqual([rows[1]])
      expect(first[0]?.at).toBeGreaterThan(0)
      expect(next[0]?.at).toBeLessThanOrEqual(first[0]?.at ?? 0)
      expect(await decisions({ alertId: 'nobody', limit: 9 })).toEqual([])
    })

    test('the answer to a command is found again by actor and id', async () => {
      const given = answer('c-1', { body: { seq: 1, facts: [{ text: 'words' }] } })
      await store.commit({ facts: [declared(1, 'INC-1')], answers: [given] })
      expect(await store.read.answer('person:ada', 'c-1')).toEqual(given)
      expect(await store.read.answer('person:bob', 'c-1')).toBeNull()
    })

    test('settings are put, replaced and removed, each in order', async () => {
      const ada = {
        kind: 'person',
        id: 'ada',
        doc: { roles: ['commander'] },
        personal: { personId: 'ada', value: { name: 'Ada' } },
      }
      await store.commit({ put: [ada, { kind: 'source', id: 's', doc: { n: 1 } }] })
      await store.commit({
        put: [
          { kind: 'source', id: 's', doc: { n: 2 } },
          { kind: 'link', id: 'l', doc: {} },
        ],
      })
      await store.commit({
        remove: [
          { kind: 'link', id: 'l' },
          { kind: 'link', id: 'never' },
        ],
      })
      expect(await store.read.settings()).toEqual([
        { kind: 'person', id: 'ada', doc: { roles: ['commander'] }, personal: { name: 'Ada' } },
        { kind: 'source', id: 's', doc: { n: 2 }, personal: null },
      ])
      expect(await store.read.settings('source')).toHaveLength(1)
    })

    test('lost property is put, replaced and removed in order, and listed by source and state, newest first, by pages', async () => {
      const whole = lostItem(1, 0, { members: '*', sourceId: 'src-2' })
      await store.commit({ lost: [whole, lostItem(2, 0), lostItem(2, 7, { members: '7-9,12', count: 4 })] })
      await Promise.all([
        store.commit({ lost: [lostItem(3, 1)] }),
        store.commit({ unlost: [{ pos: 3, index: 1 }] }),
        store.commit({ unlost: [{ pos: 3, index: 1 }], lost: [lostItem(4, 2)] }),
        store.commit({
          lost: [lostItem(2, 0, { state: 'found', changedAt: noon, changedBy: 'person:ada', tries: 1, foundPos: 9 })],
        }),
      ])
      const found = lostItem(2, 0, { state: 'found', changedAt: noon, changedBy: 'person:ada', tries: 1, foundPos: 9 })
      const last = lostItem(2, 7, { members: '7-9,12', count: 4 })
      expect(await store.read.lost({ limit: 9 })).toEqual([lostItem(4, 2), last, found, whole])
      expect(await store.read.lost({ limit: 2 })).toEqual([lostItem(4, 2), last])
      expect(await store.read.lost({ limit: 2, before: { pos: 2, index: 7 } })).toEqual([found, whole])
      expect(await store.read.lost({ limit: 9, sourceId: 'src-1', state: 'lost' })).toEqual([lostItem(4, 2), last])
      expect((await store.read.verify()).problems).toEqual([])
    })

    checkpointContract(() => store)

    test('incidents are selected and paged by declaration, newest first, with or without a checkpoint', async () => {
      const facts: RecordedFact[] = []
      for (let n = 1; n <= 6; n++)
        facts.push(declared(n, `INC-${n}`, { service: n % 2 === 0 ? 'search' : 'checkout', tier: n > 3 ? 2 : null }))
      await store.commit({ facts })
      const incidents = await Promise.all(
        facts.slice(0, 4).map(async (fact) => found(await store.read.incident(fact.incidentId))),
      )
      await store.commit({ checkpoint: { pos: 0, seq: 4, filter: null, alerts: [], incidents } })
      await store.commit({
        facts: [
          claimed(7, 'INC-2', 2, 'bob'),
          recorded(8, 'INC-1', 2, { type: 'dismissed', at: noon, by: 'person:ada', reason: 'noise' }),
        ],
      })
      const ids = async (filter: Parameters<Store['read']['incidents']>[0]) =>
        (await store.read.incidents(filter)).map((incident) => incident.id)
      expect(await ids({ limit: 10 })).toEqual(['INC-6', 'INC-5', 'INC-4', 'INC-3', 'INC-2', 'INC-1'])
      expect(await ids({ limit: 2 })).toEqual(['INC-6', 'INC-5'])
      expect(await ids({ limit: 2, beforeSeq: 5 })).toEqual(['INC-4', 'INC-3'])
      expect(await ids({ limit: 10, service: 'search' })).toEqual(['INC-6', 'INC-4', 'INC-2'])
      expect(await ids({ limit: 10, tier: [null] })).toEqual(['INC-3', 'INC-2', 'INC-1'])
      expect(await ids({ limit: 10, tier: [2, null], open: true, phase: ['triage'] })).toEqual([
        'INC-6',
        'INC-5',
        'INC-4',
        'INC-3',
        'INC-2',
      ])
      expect(await ids({ limit: 10, owner: 'bob' })).toEqual(['INC-2'])
      expect(await ids({ limit: 10, open: false })).toEqual(['INC-1'])
    })

    test('rule S3: erasing destroys the words and leaves the record whole', async () => {
      const person = (id: string) => ({ kind: 'person', id, doc: {}, personal: { personId: id, value: { name: id } } })
      await store.commit({
        facts: [declared(1, 'INC-1'), noted(2, 'INC-1', 2, 'Ada said so'), declared(3, 'INC-2')],
        audit: [auditEntry(1, { reason: 'Ada asked' }), auditEntry(2, { by: 'person:bob', reason: 'Bob asked' })],
        put: [person('ada'), person('bob')],
        answers: [answer('c-1', { body: { text: 'Ada said so' } })],
      })
      await store.erase({ incidentId: 'INC-1' })
      await store.erase({ personId: 'ada' })
      expect(await store.read.factsOf('INC-1')).toMatchObject([
        { title: erasedText, description: erasedText },
        { text: erasedText },
      ])
      expect(await store.read.incident('INC-1')).toMatchObject({ title: erasedText })
      expect(await store.read.factsOf('INC-2')).toEqual([declared(3, 'INC-2')])
      expect((await store.read.settings()).map((row) => row.personal)).toEqual([null, { name: 'bob' }])
      expect((await store.read.audit(0, 9)).map(({ address, reason }) => [address, reason])).toEqual([
        [erasedText, erasedText],
        ['192.0.2.7', 'Bob asked'],
      ])
      expect(await store.read.answer('person:ada', 'c-1')).toMatchObject({ status: 200, body: null })
      await store.commit({ facts: [noted(4, 'INC-1', 3, 'new words')] })
      expect((await store.read.factsOf('INC-1', 2))[0]).toMatchObject({ text: 'new words' })
      expect((await store.read.incidents({ limit: 9 })).map((incident) => incident.title)).toEqual(
        [declared(3, 'INC-2')].map((fact) => 'title' in fact && fact.title).concat(erasedText),
      )
      expect(await store.read.verify()).toMatchObject({ ok: true, problems: [] })
    })

    test('text that is not well-formed Unicode, or holds a NUL, neither fails nor breaks the proof', async () => {
      const odd = 'a\0b\ud83d'
      await store.commit({
        facts: [declared(1, 'INC-1', { title: odd, service: odd })],
        audit: [auditEntry(1, { subject: odd, address: odd, detail: { odd } })],
        decisions: [decision(1, 0, { reason: odd })],
        put: [{ kind: 'k', id: odd, doc: odd, personal: { personId: odd, value: odd } }],
        answers: [answer(odd, { body: odd })],
        lost: [lostItem(1, 0, { reason: odd, sourceId: odd })],
        ledger: [{ minute: noon, sourceId: odd, outcome: 'opened', count: 1 }],
      })
      expect((await store.read.factsOf('INC-1'))[0]).toMatchObject({ title: odd, service: odd })
      expect((await store.read.verify()).problems).toEqual([])
    })

    test('commits become durable in the order of calls', async () => {
      const order: number[] = []
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.commit({ log: [logEntry(i + 1)] }).then(() => order.push(i))),
      )
      expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i))
      expect(store.backlog()).toEqual({ intentions: 0, bytes: 0 })
    })

    test('a pseudonym is the same for the same text in this house, and another one in another house', async () => {
      const name = store.pseudonym('host=db1')
      expect(name).toMatch(/^[0-9a-f]{16}$/)
      expect(store.pseudonym('host=db1')).toBe(name)
      expect(store.pseudonym('host=db2')).not.toBe(name)
      const other = await makeHouse()
      const elsewhere = await other.open()
      expect(elsewhere.pseudonym('host=db1')).not.toBe(name)
      await elsewhere.close()
      await other.remove()
    })

    test('the public key is a PEM, and a closed store refuses commits', async () => {
      expect(store.publicKey()).toMatch(/^-----BEGIN PUBLIC KEY-----/)
      await store.close()
      await expect(store.commit({ log: [logEntry(1)] })).rejects.toMatchObject({ code: 'not-ready' })
    })
  })
}
