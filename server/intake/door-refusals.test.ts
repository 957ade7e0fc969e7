import { expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { bearer, find, open, source } from './door.fixture.ts'

type Refused = [source: string | null, status: number]

async function refusing(parts: Parameters<typeof open>[0] = {}) {
  const refused: Refused[] = []
  const opened = await open({ refusals: { refused: (id, status) => void refused.push([id, status]) }, ...parts })
  return { ...opened, refused }
}

it('K1 a wrong key is counted for the source that the address names, one without such an address for nobody', async () => {
  const { post, refused } = await refusing()
  await post('/intake/s_a', '{}', bearer('key-wrong'))
  await post('/api/v2/alerts', '[]', bearer('key-wrong'))
  await post('/intake/s_a', '{}', bearer('key-p'))
  expect(refused).toEqual([
    ['s_a', 401],
    [null, 401],
    ['s_a', 404],
  ])
})

it('K1 a key that is somebody’s, though it works no more, is counted for its owner', async () => {
  const keys = {
    find: () => ({ ok: false, status: 403, sourceId: 's_p' }) as const,
    signer: () => null,
  }
  const { post, refused } = await refusing({ keys })
  await post('/api/v2/alerts', '[]', bearer('key-revoked'))
  expect(refused).toEqual([['s_p', 403]])
})

it('K1 each request that is refused is counted once, with the status that it was answered', async () => {
  const { post, url, refused } = await refusing({
    receive: () => Promise.reject(new UxbridgeError('overloaded', 'Later.')),
    limitOf: ({ id }) => ({ perSecond: 1, burst: id === 's_c' ? 0 : 9, maxBytes: 100 }),
    keys: { find, signer: (id) => (id === 's_g' ? { source: source('s_g', 'github'), secrets: ['whsec'] } : null) },
  })
  const answers = [
    await post('/intake/s_a', '[{"labels":{"a":"b"}}]', bearer('key-a')),
    await post('/intake/s_a', 'x'.repeat(101), bearer('key-a')),
    await post('/api/v2/alerts', 'a=b', { ...bearer('key-p'), 'content-type': 'text/csv' }),
    await post('/intake/s_c', '{}', bearer('key-c')),
    await post('/intake/s_g', '{}', { 'x-github-event': 'ping' }),
    await fetch(`${url}/intake/s_a`, { method: 'DELETE' }),
  ]
  const statuses = answers.map(({ status }) => status)
  expect(statuses).toEqual([503, 413, 415, 429, 401, 405])
  const senders = ['s_a', 's_a', 's_p', 's_c', 's_g', 's_a']
  expect(refused).toEqual(statuses.map((status, index) => [senders[index], status]))
})

it('K1 what is taken in is no refusal, though a member of it could not be read', async () => {
  const { post, refused } = await refusing()
  expect((await post('/api/v2/alerts', '[{"labels":{"a":"b"}}, 7]', bearer('key-p'))).status).toBe(400)
  expect(refused).toEqual([])
})
