import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { TrialView } from '#shared/trial.ts'
import { critical, raise } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const policy = (said: object): string => stringify({ version: 1, ...said })
const today = policy({ correlate: [{ name: 'by service', by: ['service'] }] })
/** Batches of fifty alerts: services of five alerts each. */
const batches = 60

describe('a policy is tried on the past', () => {
  let server: Server
  let house: House
  let key: string

  beforeAll(async () => {
    server = await startServer({ policy: today })
    house = await setUpHouse(server)
    key = (await house.addSource('prometheus', 'Cluster')).key
    for (let batch = 0; batch < batches; batch++) {
      const conditions = Array.from({ length: 50 }, (_, index) =>
        critical(`service-${(batch * 50 + index) % 20}`, {
          instance: `${batch % 5}-${index}`,
          batch: String(batch % 20),
        }),
      )
      await raise(server.url, key, conditions)
    }
  })
  afterAll(() => server?.close())

  const begin = (text: string, last = '1h') =>
    house.commander.api.must<TrialView>('POST', '/api/policy/try', { text, last })
  const ended = (id: string) =>
    until('the trial to end', async () => {
      const view = await house.commander.api.must<TrialView>('GET', `/api/policy/try/${id}`)
      return view.state === 'running' ? null : view
    })

  it('TR1: that of today makes no difference, and the run of the day is the record', async () => {
    const { state, result, progress } = await ended((await begin(today)).id)
    expect({ state, counts: result?.counts }).toMatchObject({
      state: 'done',
      counts: { hidden: 0, shown: 0, merged: 0, split: 0, regrouped: 0, graded: 0, later: 0, same: 20 },
    })
    expect(progress.done).toBe(progress.all)
    expect(result?.events).toBe(batches * 50)
    expect(result?.candidate).toEqual(result?.live)
    const rows = await house.administrator.ledger(Date.now() - 3_600_000)
    const counted: Record<string, number> = {}
    for (const { outcomes } of rows)
      for (const [outcome, count] of Object.entries(outcomes)) counted[outcome] = (counted[outcome] ?? 0) + count
    expect(result?.live.outcomes).toEqual(counted)
  })

  it('what would have been hidden and merged is told with its incidents on record and what people did with them', async () => {
    const { incidents } = await house.commander.api.picture()
    const quiet = incidents.find(({ service }) => service === 'service-7')
    await house.commander.api.command(quiet?.id ?? '', { type: 'claim' })
    const candidate = policy({
      definitions: [
        { name: 'known noise', match: ['service="service-7"'], as: 'record' },
        { name: 'the rest', match: ['severity!=""'], as: 2 },
      ],
      correlate: [
        { name: 'all in one', by: ['job'] },
        { name: 'whole alert', by: ['alertname'] },
      ],
    })
    const { result } = await ended((await begin(candidate)).id)
    expect(result?.counts).toMatchObject({ hidden: 1, peopleHidden: 1, merged: 1 })
    expect(result?.hidden).toMatchObject([
      {
        incident: { id: quiet?.id, service: 'service-7' },
        by: [{ outcome: 'recorded', stage: 'define', rule: 'known noise' }],
        people: { kinds: ['claimed'] },
      },
    ])
    expect(result?.grouped[0]?.live).toHaveLength(19)
    expect(result?.candidate.calls).toMatchObject({ all: 1, tier2: 1 })
  })

  it('is cancelled at once, leaves nothing behind, and is one at a time; the live path goes on meanwhile', async () => {
    // Long enough for everything that is asked meanwhile.
    const heavy = policy({
      definitions: Array.from({ length: 1500 }, (_, index) => ({
        name: `d${index}`,
        match: [`instance=~".*nowhere-${index}.*"`, `service=~"(a|b|c)+${index}"`],
        as: 'record' as const,
      })),
    })
    const { id } = await begin(heavy)
    const other = await house.administrator.ask<{ code: string; message: string }>('POST', '/api/policy/try', {
      text: today,
    })
    expect([other.status, other.body.code]).toEqual([409, 'trial-running'])
    expect(other.body.message).toContain(house.commander.name)
    await raise(server.url, key, [critical('meanwhile')])
    await until('the event of meanwhile', async () =>
      (await house.commander.api.picture()).incidents.some(({ service }) => service === 'meanwhile'),
    )
    const cancelled = await house.administrator.must<TrialView>('DELETE', `/api/policy/try/${id}`, undefined)
    expect(cancelled).toMatchObject({ state: 'cancelled', message: 'Cancelled by Noor Aziz.', result: null })
    expect((await ended((await begin(today)).id)).state).toBe('done')
  })

  it('from the command line, in words and for machines', async () => {
    const file = server.policyFile ?? ''
    const words = await ops(server.dir, 'policy', 'try', file, '--last', '1h')
    expect(words.output).toContain('No difference')
    expect(words.code).toBe(0)
    const json = await ops(server.dir, 'policy', 'try', file, '--last', '30m', '--json')
    expect(JSON.parse(json.output)).toMatchObject({ state: 'done', result: { counts: { hidden: 0 } } })
    const wrong = await ops(server.dir, 'policy', 'try', file, '--last', 'yesterday')
    expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining('no duration')])
  })

  it('who may: responders may not, commanders may try and not change, and all of it is audited', async () => {
    const [responder] = house.responders
    const status = async (player: { api: House['administrator'] }, method: string, path: string, body?: object) =>
      (await player.api.ask(method, path, body)).status
    expect(await status(responder!, 'POST', '/api/policy/try', { text: today })).toBe(403)
    const { hash } = await house.commander.api.must<{ hash: string }>('GET', '/api/policy/text')
    const change = { text: `${today}# changed\n`, from: hash, reason: 'to see' }
    expect(await status(house.commander, 'PUT', '/api/policy/text', change)).toBe(403)
    await house.administrator.must('PUT', '/api/policy/text', change)
    const now = await house.commander.api.must<{ text: string; hash: string; active: string }>(
      'GET',
      '/api/policy/text',
    )
    expect(now.text).toBe(change.text)
    expect(now.active).toBe(now.hash)
    expect((await house.administrator.ask('PUT', '/api/policy/text', change)).body).toMatchObject({
      code: 'policy-changed',
      details: { text: change.text, hash: now.hash },
    })
  })
})
