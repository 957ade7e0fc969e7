import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alertGroupSchema, gettableSilenceSchema } from '#shared/alertmanager/api.ts'
import { makeScopedToken } from '../world/amtool.ts'
import { critical, raise } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { type Server, startServer } from '../world/server.ts'

/**
 * karma itself is not to be had here, but what it asks of an Alertmanager is few and plain.
 * Source: prymitive/karma internal/alertmanager, internal/mapper/v017 and internal/verprobe.
 */
describe('what karma asks, with user and password in its address', () => {
  let server: Server
  let house: House
  let headers: Record<string, string>
  beforeAll(async () => {
    server = await startServer()
    house = await setUpHouse(server, { responders: 0 })
    const { key } = await house.addSource('prometheus', 'Prometheus')
    await raise(server.url, key, [critical('checkout'), critical('search')])
    const token = await makeScopedToken(server, 'silences')
    // From a proxy: that karma runs on this machine must open nothing.
    headers = { authorization: `Basic ${btoa(`karma:${token}`)}`, 'x-forwarded-for': '192.0.2.1' }
  })
  afterAll(() => server?.close())
  const get = async (path: string) => {
    const response = await fetch(server.url + path, { headers })
    expect([response.status, response.headers.get('content-type')?.split(';')[0]], path).toEqual([
      200,
      'application/json',
    ])
    return response.json()
  }

  it('the version: alertmanager_build_info in our metrics, at least 0.22.0 before the first dash', async () => {
    const response = await fetch(`${server.url}/metrics`, { headers })
    const [, version = ''] = /^alertmanager_build_info\{[^}]*\bversion="([^"]*)"/m.exec(await response.text()) ?? []
    const [major = 0, minor = 0, patch] = (version.split('-')[0] ?? '').split('.').map(Number)
    expect(major * 1000 + minor).toBeGreaterThanOrEqual(22)
    expect(patch).toEqual(expect.any(Number))
  })

  it('the silences, then the groups, with the labels, annotations, state and links that it shows', async () => {
    expect(await get('/api/v2/silences')).toEqual([])
    const groups = z.array(alertGroupSchema).parse(await get('/api/v2/alerts/groups'))
    expect(groups.map(({ labels, receiver }) => ({ labels, receiver }))).toEqual([
      { labels: { alertname: 'Broken' }, receiver: { name: 'uxbridge' } },
    ])
    expect(groups[0]?.alerts.map(({ labels }) => labels.service)).toEqual(['checkout', 'search'])
    expect(groups[0]?.alerts[0]).toMatchObject({
      annotations: { summary: 'checkout is broken' },
      generatorURL: 'http://prometheus.example/graph?g0.expr=up',
      status: { state: 'active' },
    })
    await get('/api/v2/status')
    expect(await get('/api/v2/receivers')).toMatchObject([{ name: 'uxbridge' }])
  })

  it('a silence as its form posts it, changes and deletes; our own screens show it', async () => {
    const form = {
      matchers: [{ name: 'service', value: 'check.+', isRegex: true, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'me@karma.example',
      comment: 'ACK! This alert was acknowledged using karma',
    }
    const send = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${server.url}/api/v2/${path}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, text: await response.text() }
    }
    const made = await send('POST', 'silences', form)
    expect(made.status).toBe(200)
    const { silenceID } = JSON.parse(made.text)
    const silences = z.array(gettableSilenceSchema).parse(await get('/api/v2/silences'))
    expect(silences).toMatchObject([{ id: silenceID, status: { state: 'active' }, matchers: form.matchers }])
    const [group] = z.array(alertGroupSchema).parse(await get('/api/v2/alerts/groups'))
    expect(group?.alerts.map(({ status }) => [status.state, status.silencedBy])).toEqual([
      ['suppressed', [silenceID]],
      ['active', []],
    ])
    const ours = await house.administrator.must<{ silences: { id: string }[] }>('GET', '/api/silences')
    expect(ours.silences).toMatchObject([{ id: silenceID, createdBy: form.createdBy, comment: form.comment }])

    const other = {
      ...form,
      id: silenceID,
      matchers: [{ name: 'service', value: 'search', isRegex: false, isEqual: true }],
    }
    const replaced = JSON.parse((await send('POST', 'silences', other)).text).silenceID
    expect(replaced).not.toBe(silenceID)
    expect(await send('DELETE', `silence/${replaced}`)).toEqual({ status: 200, text: '' })
    const left = z.array(gettableSilenceSchema).parse(await get('/api/v2/silences'))
    expect(left.map(({ status }) => status.state)).toEqual(['expired', 'expired'])
  })
})
