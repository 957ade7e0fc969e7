import { expect, test } from 'vitest'
import { storeContract } from './contract.ts'
import { logEntry } from './contract-samples.ts'
import { makeMemoryStore } from './memory.ts'

storeContract('the memory store', async () => ({ open: async () => makeMemoryStore(), remove: async () => {} }))

test('a memory store that is told to be full refuses as store-full until it is mended', async () => {
  const store = makeMemoryStore()
  store.fillUp()
  await expect(store.commit({ log: [logEntry(1)] })).rejects.toMatchObject({ code: 'store-full' })
  expect(store.failure()).not.toBeNull()
  await store.mend()
  await store.commit({ log: [logEntry(1)] })
})

test('a memory store that holds resolves nothing, and counts what waits', async () => {
  const store = makeMemoryStore()
  store.hold(true)
  const done = store.commit({ log: [logEntry(1, 'four')] })
  expect(store.backlog()).toEqual({ intentions: 1, bytes: 4 })
  store.hold(false)
  await done
  expect(store.backlog()).toEqual({ intentions: 0, bytes: 0 })
})
