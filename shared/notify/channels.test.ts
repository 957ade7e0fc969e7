import { describe, expect, it } from 'vitest'
import {
  channelIdOf,
  channelIdSchema,
  mailAddressSchema,
  ntfyTopicSchema,
  pushAddressSchema,
  sharedChannelKinds,
  webhookBodySchema,
  webhookExample,
} from './channels.ts'

const takes = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('the id of a shared channel', () => {
  it('follows from its name', () => {
    expect(channelIdOf('Ops chat (Zürich)')).toBe('ops-chat-zu-rich')
    expect(channelIdOf('  --  ')).toBe('')
    expect(channelIdOf('x'.repeat(80))).toHaveLength(40)
    expect(channelIdSchema.parse(channelIdOf(`${'long name '.repeat(9)}`))).toMatch(/e$/)
  })
  it('is never the name of a kind, by which facts name personal channels', () => {
    for (const kind of [...sharedChannelKinds, 'web-push']) expect(takes(channelIdSchema, kind)).toBe(false)
    expect(takes(channelIdSchema, 'email-list')).toBe(true)
  })
})

describe('addresses', () => {
  it('an e-mail address is one, and no header can be hidden in it', () => {
    for (const good of ['ana@example.org', 'a.b+c@x', 'ünal@exämple.org'])
      expect(takes(mailAddressSchema, good)).toBe(true)
    for (const bad of [
      'ana',
      'a@b@c',
      'a b@c',
      'a@b, c@d',
      'a@b\r\nBcc: x@y',
      'Ana <a@b>',
      'a@b\u0000',
      `${'a'.repeat(65)}@b`,
    ])
      expect(takes(mailAddressSchema, bad), JSON.stringify(bad)).toBe(false)
  })
  it('a topic of ntfy stands alone or with its server', () => {
    for (const good of ['ops_1-x', 'https://ntfy.example.org/ops', 'http://10.0.0.5:8080/sub/ops'])
      expect(takes(ntfyTopicSchema, good)).toBe(true)
    for (const bad of [
      '',
      'a b',
      'a/b',
      'ftp://x/ops',
      'https://u:p@x/ops',
      'https://x/',
      'https://x/ops?auth=1',
      'x'.repeat(65),
    ])
      expect(takes(ntfyTopicSchema, bad), bad).toBe(false)
  })
  it('a subscription is at https and has both keys', () => {
    const good = { endpoint: 'https://push.example.org/a', keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) } }
    expect(takes(pushAddressSchema, { ...good, expirationTime: null })).toBe(true)
    for (const bad of [
      { ...good, endpoint: 'http://push.example.org/a' },
      { ...good, keys: { ...good.keys, auth: 'short' } },
      { ...good, keys: { ...good.keys, p256dh: '!'.repeat(87) } },
    ])
      expect(takes(pushAddressSchema, bad)).toBe(false)
  })
})

it('the example of a webhook is as its schema says', () => {
  expect(webhookBodySchema.parse(webhookExample)).toEqual(webhookExample)
})
