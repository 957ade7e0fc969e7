import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { type Feed, useRoom } from './room.ts'

interface Delivery {
  secret: string | null
  body: string
  /** What is sent instead of what was signed. */
  sent?: string
  id?: string
  at?: Date
}

/** Sends no key: the signature of the kept library for Standard Webhooks is all there is. */
async function deliver(
  feed: Feed,
  { secret, body, sent = body, id = `msg_${randomBytes(12).toString('hex')}`, at = new Date() }: Delivery,
): Promise<{ status: number; message: string }> {
  const signature = new Webhook(secret ?? '').sign(id, at, body)
  const response = await fetch(feed.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signature,
    },
    body: sent,
  })
  const text = await response.text()
  return { status: response.status, message: text === '' ? '' : (JSON.parse(text) as { message: string }).message }
}

const condition = (key: string, status: 'firing' | 'resolved'): string =>
  JSON.stringify({ title: `Übung ${key} ✓`, key, status, severity: 'high', service: key })

describe('standardwebhooks, the library that senders sign with', () => {
  const room = useRoom()
  const rotate = async (feed: Feed, oldEndsInMs?: number): Promise<string> => {
    const path = `/api/sources/${feed.id}/secret`
    const { administrator } = room.house
    const { secret } = await administrator.must<{ secret: string }>('POST', path, {
      ...(oldEndsInMs !== undefined && { oldEndsInMs }),
    })
    return secret
  }

  it('is believed with the secret of the page; the alert begins and ends', async () => {
    const feed = await room.add('webhook')
    expect(feed.secret).toMatch(/^whsec_/)
    expect(await deliver(feed, { secret: feed.secret, body: condition('disk', 'firing') })).toMatchObject({
      status: 200,
    })
    const { id } = await feed.alert(/^Übung disk ✓$/, 'firing')
    expect(await deliver(feed, { secret: feed.secret, body: condition('disk', 'resolved') })).toMatchObject({
      status: 200,
    })
    expect(await feed.alert(/^Übung disk/, 'resolved')).toMatchObject({ id })
  })

  it('is believed with either secret during a rotation, and with the old one no more when that has ended', async () => {
    const feed = await room.add('webhook')
    const first = feed.secret
    const second = await rotate(feed)
    expect(second).not.toBe(first)
    for (const secret of [first, second])
      expect(await deliver(feed, { secret, body: condition('fan', 'firing') })).toMatchObject({ status: 200 })
    const third = await rotate(feed, 0)
    const answers = [first, second, third].map((secret) => deliver(feed, { secret, body: condition('fan', 'firing') }))
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 200])
    expect(await feed.accepted(3)).toMatchObject({ outcomes: { opened: 1, repeated: 2 } })
  })

  it('is refused for a changed body, another secret, and a time that is too old or too far ahead; nothing of it is kept', async () => {
    const feed = await room.add('webhook')
    const { secret } = feed
    const body = condition('pump', 'firing')
    const another = `whsec_${randomBytes(32).toString('base64')}`
    const minutes = (count: number): Date => new Date(Date.now() + count * 60_000)
    const mismatched = expect.stringMatching(/signature does not fit/)
    expect(await deliver(feed, { secret, body, sent: body.replace('high', 'info') })).toEqual({
      status: 401,
      message: mismatched,
    })
    expect(await deliver(feed, { secret: another, body })).toEqual({ status: 401, message: mismatched })
    expect(await deliver(feed, { secret, body, at: minutes(-6) })).toEqual({
      status: 401,
      message: expect.stringMatching(/signed time is (3[6-9]|[4-9]\d)\d s old/),
    })
    expect(await deliver(feed, { secret, body, at: minutes(6) })).toEqual({
      status: 401,
      message: expect.stringMatching(/ahead.*clock/),
    })
    // A clock that is off by less counts.
    expect(await deliver(feed, { secret, body, at: minutes(-4) })).toMatchObject({ status: 200 })
    expect(await feed.accepted(1)).toEqual({ accepted: 1, outcomes: { opened: 1 } })
  })

  it('a delivery that is sent again counts once: a lost answer makes no second alert, and what was overheard wakes none', async () => {
    const feed = await room.add('webhook')
    const firing = { secret: feed.secret, body: condition('valve', 'firing'), id: 'msg_firing', at: new Date() }
    await deliver(feed, firing)
    await deliver(feed, firing)
    expect(await feed.accepted(2)).toMatchObject({ outcomes: { opened: 1, repeated: 1 } })
    await deliver(feed, { secret: feed.secret, body: condition('valve', 'resolved') })
    await feed.alert(/^Übung valve/, 'resolved')
    expect(await deliver(feed, firing)).toMatchObject({ status: 200 })
    expect(await feed.accepted(4)).toMatchObject({ outcomes: { opened: 1, repeated: 2, resolved: 1 } })
    expect(await feed.alerts()).toMatchObject([{ status: 'resolved' }])
  })
})
