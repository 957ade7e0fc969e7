import { expect, test } from 'vitest'
import { alert, claimed, declared, logEntry, noon, recorded } from './contract-samples.ts'
import type { Store } from './port.ts'

/** What every store owes to whoever writes checkpoints and begins again from one. */
export function checkpointContract(store: () => Store): void {
  test('a restart begins from the checkpoint and the facts after it', async () => {
    await store().commit({
      log: [logEntry(1), logEntry(2)],
      facts: [declared(1, 'INC-1'), declared(2, 'INC-2'), declared(3, 'INC-3')],
    })
    const incidents = await Promise.all(
      ['INC-1', 'INC-2', 'INC-3'].map(async (id) => found(await store().read.incident(id))),
    )
    await store().commit({
      log: [logEntry(3)],
      checkpoint: {
        pos: 2,
        seq: 3,
        filter: { groups: 2 },
        alerts: [
          { alert: alert('a1'), live: true },
          { alert: alert('a2', { incidentId: null }), live: true },
          { alert: alert('a3'), live: false },
        ],
        incidents,
      },
    })
    await store().commit({
      facts: [
        claimed(4, 'INC-1', 2),
        recorded(5, 'INC-2', 2, { type: 'dismissed', at: noon + 5, by: 'person:ada', reason: 'noise' }),
        recorded(6, 'INC-3', 2, { type: 'dismissed', at: noon + 3_600_000, by: 'person:ada', reason: 'noise' }),
        declared(7, 'INC-4'),
      ],
    })
    await store().commit({
      checkpoint: {
        pos: 3,
        seq: 3,
        filter: { groups: 3 },
        alerts: [{ alert: alert('a2'), live: false }],
        incidents: [],
      },
    })
    const restored = await store().read.restore({ settledAfter: noon + 1000 })
    expect(restored).toMatchObject({
      pos: 3,
      seq: 7,
      auditSeq: 0,
      checkpoint: { pos: 3, seq: 3, filter: { groups: 3 } },
    })
    expect(restored.alerts).toEqual([alert('a1')])
    expect(restored.incidents.map((incident) => [incident.id, incident.phase, incident.version]).sort()).toEqual([
      ['INC-1', 'triage', 2],
      ['INC-2', 'dismissed', 2],
      ['INC-3', 'dismissed', 2],
      ['INC-4', 'triage', 1],
    ])
    await store().commit({ checkpoint: { pos: 3, seq: 7, filter: null, alerts: [], incidents: restored.incidents } })
    const later = await store().read.restore({ settledAfter: noon + 1000 })
    expect(later.incidents.map((incident) => incident.id).sort()).toEqual(['INC-1', 'INC-3', 'INC-4'])
    expect(await store().read.alertsOf('INC-1', 10)).toEqual([alert('a1'), alert('a2'), alert('a3')])
  })

  test('rule S6: a checkpoint that leaves out an incident that changed is refused', async () => {
    await store().commit({ facts: [declared(1, 'INC-1')] })
    const checkpoint = { pos: 0, seq: 1, filter: null, alerts: [], incidents: [] }
    await expect(store().commit({ checkpoint })).rejects.toMatchObject({ code: 'internal' })
    await store().mend()
    await store().commit({ checkpoint: { ...checkpoint, incidents: [found(await store().read.incident('INC-1'))] } })
    await store().commit({ checkpoint })
    expect((await store().read.restore({ settledAfter: 0 })).incidents).toHaveLength(1)
  })

  test('rule S10: parts of a checkpoint count once it is finished, all of them, and never when it is not', async () => {
    const live = (id: string, title: string) => ({ alert: alert(id, { title }), live: true })
    const end = { pos: 0, seq: 0, filter: null, alerts: [], incidents: [] }
    const restored = async () => {
      const { alerts } = await store().read.restore({ settledAfter: 0 })
      const stored = await store().read.alertsOf('INC-1', 9)
      const said = (found: typeof alerts) => found.map(({ id, title }) => `${id} ${title}`).sort()
      return { alerts: said(alerts), stored: said(stored) }
    }
    await store().commit({ checkpoint: { ...end, alerts: [live('a1', 'first'), live('a2', 'first')] } })
    const first = await restored()
    expect(first).toEqual({ alerts: ['a1 first', 'a2 first'], stored: ['a1 first', 'a2 first'] })

    const forgotten = { alert: alert('a2', { title: 'last' }), live: false }
    await store().commit({
      checkpointPart: { index: 0, alerts: [live('a1', 'second'), live('a3', 'first')], incidents: [] },
    })
    await store().commit({
      checkpointPart: { index: 1, alerts: [forgotten, live('a3', 'second')], incidents: [] },
    })
    expect(await restored()).toEqual(first)
    await expect(
      store().commit({ checkpointPart: { index: 3, alerts: [live('a1', 'lost')], incidents: [] } }),
    ).rejects.toMatchObject({ code: 'internal' })
    await expect(store().commit({ checkpoint: { ...end, parts: 1 } })).rejects.toMatchObject({ code: 'internal' })
    await store().commit({ checkpoint: { ...end, alerts: [live('a4', 'first')], parts: 2 } })
    const second = await restored()
    expect(second).toEqual({
      alerts: ['a1 second', 'a3 second', 'a4 first'],
      stored: ['a1 second', 'a2 last', 'a3 second', 'a4 first'],
    })

    await store().commit({
      checkpointPart: { index: 0, alerts: [live('a1', 'given up'), live('a9', 'given up')], incidents: [] },
    })
    await store().commit({ checkpointPart: { index: 0, alerts: [live('a3', 'third')], incidents: [] } })
    expect(await restored()).toEqual(second)
    await store().commit({ checkpoint: { ...end, parts: 1 } })
    expect((await restored()).alerts).toEqual(['a1 second', 'a3 third', 'a4 first'])
    await store().commit({ checkpoint: { ...end, alerts: [live('a1', 'third'), live('a2', 'back')] } })
    expect((await restored()).alerts).toEqual(['a1 third', 'a2 back', 'a3 third', 'a4 first'])
    expect((await store().read.verify()).problems).toEqual([])
  })

  test('rule S6, S10: snapshots handed in with parts are those of the checkpoint', async () => {
    await store().commit({ facts: [declared(1, 'INC-1'), declared(2, 'INC-2')] })
    const [one, two] = [found(await store().read.incident('INC-1')), found(await store().read.incident('INC-2'))]
    await store().commit({ checkpointPart: { index: 0, alerts: [], incidents: [one] } })
    await store().commit({ facts: [claimed(3, 'INC-1', 2)] })
    const end = { pos: 0, seq: 2, filter: { n: 1 }, alerts: [], parts: 1 }
    await store().commit({ checkpoint: { ...end, incidents: [two] } })
    expect(await store().read.restore({ settledAfter: 0 })).toMatchObject({ checkpoint: { seq: 2, filter: { n: 1 } } })
    expect(await store().read.incident('INC-1')).toMatchObject({ version: 2, owner: 'ada' })
    await expect(store().commit({ checkpoint: { ...end, seq: 3, parts: 0, incidents: [] } })).rejects.toMatchObject({
      code: 'internal',
    })
  })
}

export function found<T>(value: T | null): T {
  if (value === null) throw new Error('expected to find it')
  return value
}
