import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sign } from '@octokit/webhooks-methods'
import { describe, expect, it } from 'vitest'
import { type Feed, useRoom } from './room.ts'

const body = (name: string): string =>
  readFileSync(new URL(`../../server/intake/fixtures/github-${name}.json`, import.meta.url), 'utf8')

/** As GitHub's own delivery: no key, its headers, and the signature that its library makes. */
async function deliver(feed: Feed, event: string, text: string, secret: string, signed = text): Promise<number> {
  const response = await fetch(feed.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5e7b1f3',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': await sign(secret, signed),
    },
    body: text,
  })
  await response.arrayBuffer()
  return response.status
}

describe('@octokit/webhooks-methods, which signs as GitHub does', () => {
  const room = useRoom()

  it('ping, a workflow that fails and then succeeds, and a deployment: a test, one alert with its end, a change', async () => {
    const feed = await room.add('github')
    const secret = feed.secret ?? ''
    expect(await deliver(feed, 'ping', body('ping'), secret)).toBe(200)
    expect((await feed.accepted(1)).outcomes).toEqual({ recorded: 1 })
    expect(await deliver(feed, 'workflow_run', body('workflow-failed'), secret)).toBe(200)
    const firing = await feed.alert(/./, 'firing')
    expect(await deliver(feed, 'workflow_run', body('workflow-succeeded'), secret)).toBe(200)
    expect(await feed.alert(/./, 'resolved')).toMatchObject({ id: firing.id })
    expect(await deliver(feed, 'deployment', body('deployment'), secret)).toBe(200)
    expect((await feed.accepted(4)).outcomes).toEqual({ recorded: 2, opened: 1, resolved: 1 })
  })

  it('is refused for a wrong secret, for a body that was changed, and in the name of another source', async () => {
    const feed = await room.add('github')
    const other = await room.add('github')
    const text = body('workflow-failed')
    const secret = feed.secret ?? ''
    expect(await deliver(feed, 'workflow_run', text, `${secret}x`)).toBe(401)
    expect(await deliver(feed, 'workflow_run', `${text} `, secret, text)).toBe(401)
    expect(await deliver(other, 'workflow_run', text, secret)).toBe(401)
    expect(await deliver(feed, 'workflow_run', text, secret)).toBe(200)
    expect((await feed.accepted(1)).outcomes).not.toHaveProperty('rejected')
    expect((await other.ledger()).accepted).toBe(0)
  })

  it('a secret that GitHub made is believed once a person has brought it here, and the one of ours during the rotation', async () => {
    const feed = await room.add('github')
    const path = `/api/sources/${feed.id}/secret`
    const theirs = 'a secret, übertragen by hand'
    await room.house.administrator.must('POST', path, { secret: theirs })
    for (const secret of [theirs, feed.secret ?? ''])
      expect(await deliver(feed, 'ping', body('ping'), secret)).toBe(200)
  })
})
