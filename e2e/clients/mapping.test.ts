import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { post } from '../world/events.ts'
import { until } from '../world/until.ts'
import { useRoom } from './room.ts'

const states = { OPEN: 'firing', CLOSED: 'resolved' }
const pumps = {
  members: '/pumps',
  fields: {
    title: 'Pump {/no} {/what}',
    status: { pointer: '/state', map: states },
    severity: { pointer: '/level', map: { red: 'critical' } },
    key: '/no',
    service: '#/plant',
  },
}
const body = (state: string, no = 7) =>
  JSON.stringify({ plant: 'waterworks', pumps: [{ no, what: 'leaks', state, level: 'red' }] })

describe('JSON of a shape that nobody here has seen before', () => {
  const room = useRoom({ policy: stringify({ mappings: { pumps } }) })
  const send = (feed: { id: string; key: string }, text: string) =>
    post(room.server.url, `/intake/${feed.id}`, text, feed.key)
  const mapped = async () => {
    const feed = await room.add('webhook')
    await room.house.administrator.must('PATCH', `/api/sources/${feed.id}`, { settings: { mapping: 'pumps' } })
    return feed
  }

  it('fires and ends by the mapping that its source names, and reads the same after a crash', async () => {
    const feed = await mapped()
    expect((await send(feed, body('OPEN'))).status).toBe(200)
    const alert = await feed.alert(/Pump 7 leaks/, 'firing')
    expect(alert).toMatchObject({ severity: 'critical', severityRaw: 'red', labels: { service: 'waterworks' } })
    room.server.writePolicy(stringify({ mappings: { pumps: { ...pumps, fields: { title: 'Something else' } } } }))
    await until('the new policy', () => room.server.log().includes('new policy is active'))
    await room.server.restart()
    // Replayed by the policy of its day: the same alert, by the same name.
    expect(await feed.alert(/Pump 7 leaks/, 'firing')).toMatchObject({ id: alert.id, events: 1 })
    room.server.writePolicy(stringify({ mappings: { pumps } }))
    await until('the policy before', async () => {
      await send(feed, body('CLOSED'))
      return (await feed.alerts()).some(({ title, status }) => title === 'Pump 7 leaks' && status === 'resolved')
    })
  })

  it('M2: a mapping that is gone loses nothing: kept, answered 202, and found once it is there again', async () => {
    const feed = await mapped()
    const { administrator } = room.house
    room.server.writePolicy(stringify({ reopen_within: '1m' }))
    const gone = await until('the policy without it', async () => {
      const answer = await send(feed, body('OPEN', 8))
      return answer.status === 202 ? answer : null
    })
    expect(gone.text).toContain('Kept')
    room.server.writePolicy(stringify({ mappings: { pumps } }))
    await until('the lost to be found', async () => {
      await administrator.must('POST', `/api/sources/${feed.id}/lost/retry`, {})
      return (await feed.alerts()).some(({ title }) => title === 'Pump 8 leaks')
    })
  })
})
