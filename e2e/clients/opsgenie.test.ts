import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { startForeign } from '../world/alertmanager.ts'
import { post } from '../world/events.ts'
import { until } from '../world/until.ts'
import { useRoom } from './room.ts'

type Answer = Record<string, unknown>
type Done = (error: unknown, answer: Answer) => void
interface Identifier {
  identifier: string
  identifierType?: 'id' | 'alias' | 'tiny'
}
type Act = (alert: Identifier, data: object, done: Done) => void
/** npm opsgenie-sdk has no types of its own. */
interface Sdk {
  configure(options: { host: string; api_key: string }): void
  alertV2: Record<'close' | 'acknowledge' | 'unacknowledge' | 'addNote' | 'addTags' | 'snooze' | 'assign', Act> & {
    create(data: object, done: Done): void
    delete(alert: Identifier, done: Done): void
    getRequestStatus(requestId: string, done: Done): void
  }
}
const sdk = createRequire(import.meta.url)('opsgenie-sdk') as Sdk

const asked = (call: (done: Done) => void): Promise<Answer> =>
  new Promise((resolve, reject) =>
    call((error, answer) => (error ? reject(new Error(JSON.stringify(error))) : resolve(answer))),
  )

describe('npm opsgenie-sdk, pointed at us', () => {
  const room = useRoom()
  const alias = 'db-1/down'
  const byAlias = { identifier: alias, identifierType: 'alias' as const }
  const { alertV2 } = sdk

  it('creates, acknowledges, notes and closes one alert by its alias, slash and all; nobody becomes its owner, and a crash forgets nothing', async () => {
    const feed = await room.add('opsgenie')
    sdk.configure({ host: room.server.url, api_key: feed.key })
    const told = await asked((done) =>
      alertV2.create(
        {
          message: 'db-1 is down',
          alias,
          priority: 'P1',
          tags: ['prod'],
          details: { service: 'orders', host: 'db-1' },
        },
        done,
      ),
    )
    expect(told).toMatchObject({ result: 'Request will be processed', requestId: expect.any(String) })
    const firing = await feed.alert(/^db-1 is down$/, 'firing')
    expect(firing).toMatchObject({
      severity: 'critical',
      severityRaw: 'P1',
      labels: { alias, tags: 'prod', host: 'db-1' },
      acknowledgedAt: null,
    })

    await asked((done) => alertV2.acknowledge(byAlias, { user: 'ada@example.com' }, done))
    await asked((done) => alertV2.addNote(byAlias, { note: 'replaced the cable', user: 'ada@example.com' }, done))
    await asked((done) => alertV2.addTags(byAlias, { tags: ['hardware'] }, done))
    const noted = await until('all of it', async () => {
      const [alert] = await feed.alerts()
      return alert?.acknowledgedAt != null && alert.description.includes('Tags added') && alert
    })
    // Who it was is masked before it is kept.
    expect(noted.description).toMatch(/^Note of \S+ \S+ UTC: \[e-mail\]$/m)
    expect(noted.description).toMatch(/^Note of \S+ \S+ UTC: \[e-mail\]: replaced the cable$/m)
    expect(noted.description).toContain('Tags added: hardware')
    const { incidents } = await room.house.administrator.picture()
    expect(incidents).toMatchObject([{ owner: null, service: 'orders', alerts: { firing: 1, total: 1 } }])

    // What was said of it is durable: it is there after a crash.
    await room.server.restart()
    expect((await feed.alerts())[0]?.description).toBe(noted.description)

    await asked((done) => alertV2.close(byAlias, { note: 'fixed' }, done))
    const closed = await feed.alert(/^db-1 is down$/, 'resolved')
    expect(closed).toMatchObject({ id: firing.id, endAssumed: false })
    expect(closed.description).toContain('fixed')
    expect(await feed.accepted(5)).toEqual({ accepted: 5, outcomes: { opened: 1, recorded: 3, resolved: 1 } })
  })

  it('asks what became of a request, and acts on the id it is told', async () => {
    const feed = await room.add('opsgenie')
    sdk.configure({ host: room.server.url, api_key: feed.key })
    const { requestId } = await asked((done) => alertV2.create({ message: 'No alias' }, done))
    const { data } = (await asked((done) => alertV2.getRequestStatus(String(requestId), done))) as {
      data: { isSuccess: boolean; alertId: string }
    }
    expect(data.isSuccess).toBe(true)
    await feed.alert(/^No alias$/, 'firing')
    await asked((done) => alertV2.snooze({ identifier: data.alertId }, { endTime: '2026-12-01T00:00:00Z' }, done))
    await asked((done) => alertV2.delete({ identifier: data.alertId, identifierType: 'id' }, done))
    expect((await feed.alert(/^No alias$/, 'resolved')).description).toContain('Snoozed until 2026-12-01T00:00:00Z')
  })

  it('is told what is wrong', async () => {
    const feed = await room.add('opsgenie')
    sdk.configure({ host: room.server.url, api_key: feed.key })
    await expect(asked((done) => alertV2.create({ message: '', priority: 'P9' }, done))).rejects.toThrow(
      /can not be empty/,
    )
    await expect(asked((done) => alertV2.addNote(byAlias, {}, done))).rejects.toThrow(/422/)
    expect(await feed.accepted(2)).toEqual({ accepted: 2, outcomes: { rejected: 2 } })
    sdk.configure({ host: room.server.url, api_key: 'nobody' })
    await expect(asked((done) => alertV2.create({ message: 'm' }, done))).rejects.toThrow(/401/)
  })
})

describeUnless(
  lacks('prometheus-alertmanager'),
  'Debian’s Alertmanager, with the Opsgenie receiver as the page prints it',
  () => {
    const room = useRoom()

    it('opens one alert for a group, says it anew when the group changes, and closes it', async () => {
      const feed = await room.add('opsgenie')
      const config = {
        ...(parse(feed.snippet('alertmanager.yml')) as object),
        route: {
          receiver: 'uxbridge',
          group_by: ['service'],
          group_wait: '100ms',
          group_interval: '300ms',
          repeat_interval: '1h',
        },
      }
      const alertmanager = await startForeign(
        'prometheus-alertmanager',
        'alertmanager.yml',
        config,
        (file, folder, address) => [
          `--config.file=${file}`,
          `--storage.path=${join(folder, 'storage')}`,
          `--web.listen-address=${address}`,
          '--cluster.listen-address=',
          '--log.level=warn',
        ],
      )
      room.later(() => alertmanager.close())
      const tell = async (instance: string, more: object = {}) => {
        const labels = { alertname: 'QueueStuck', service: 'mail', severity: 'critical', instance }
        const annotations = { summary: 'The queue stands still' }
        const { status } = await post(
          alertmanager.url,
          '/api/v2/alerts',
          JSON.stringify([{ labels, annotations, ...more }]),
        )
        expect(status).toBe(200)
      }

      await tell('mx-1')
      const firing = await feed.alert(/^The queue stands still$/, 'firing')
      expect(firing).toMatchObject({
        severity: 'critical',
        severityRaw: 'P1',
        labels: { alertname: 'QueueStuck', service: 'mail', instance: 'mx-1' },
        links: [{ text: 'Source' }],
      })
      expect(firing.description).toContain('mx-1')
      await tell('mx-2')
      await until('the other one', async () => (await feed.alerts())[0]?.description.includes('mx-2'))
      const end = { endsAt: new Date().toISOString() }
      await tell('mx-1', end)
      await tell('mx-2', end)
      expect(await feed.alert(/^The queue stands still$/, 'resolved')).toMatchObject({
        id: firing.id,
        endAssumed: false,
      })
      const { outcomes } = await feed.ledger()
      expect(outcomes).not.toHaveProperty('rejected')
      expect(outcomes).toMatchObject({ opened: 1, resolved: 1 })
      expect(alertmanager.running.log()).not.toMatch(/level=(warn|error)/)
    })
  },
)
