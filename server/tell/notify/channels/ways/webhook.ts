import { createHmac } from 'node:crypto'
import { secondMs } from '#shared/clocks.ts'
import type { WebhookBody } from '#shared/notify/channels.ts'
import { DeliveryFailed, type Message } from '../../port.ts'
import { requireTaken } from '../outgoing.ts'
import { faultsOfUrl, type SharedKind } from './kind.ts'
import { headingOf, isTest } from './words.ts'

/** The message as it is documented in shared/notify/channels.ts. */
export function webhookBodyOf(message: Message): WebhookBody {
  return {
    type: isTest(message) ? 'test' : 'notification',
    timestamp: new Date(message.at).toISOString(),
    data: {
      key: message.key,
      title: headingOf(message),
      drill: message.drill,
      link: message.link,
      incidents: message.incidents.map(({ id, title, service, tier, owner, openedAt, reason, text, link }) => ({
        ...{ id, title, service, tier, reason, text, link },
        owner: owner ?? null,
        openedAt: openedAt == null ? null : new Date(openedAt).toISOString(),
      })),
      more: message.more,
    },
  }
}

/**
 * One signature for each secret: while one is rotated out, whoever checks with either finds theirs.
 * Source: Standard Webhooks, "Signature scheme" (symmetric, v1). `at` is the attempt's, epoch ms, so that a retry is not stale.
 */
export function signatureOf(secrets: readonly string[], id: string, at: number, body: string): string {
  const seconds = Math.floor(at / secondMs)
  return secrets
    .map((secret) => createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64')))
    .map((hmac) => `v1,${hmac.update(`${id}.${seconds}.${body}`).digest('base64')}`)
    .join(' ')
}

export const webhookKind: SharedKind = {
  kind: 'webhook',
  title: 'Signed webhook',
  says: 'Posts JSON to an address of yours, signed by Standard Webhooks with a secret of its own.',
  signs: true,
  settings: [
    {
      name: 'url',
      label: 'URL',
      help: 'Answers 2xx when it has taken a message; 410 says that it wants no more, which pauses the channel.',
      type: 'text',
      example: 'https://example.org/uxbridge',
      maxLength: 1000,
      required: true,
    },
  ],
  faultsOf: ({ url }) => faultsOfUrl(url),
  async deliver({ outgoing, clock }, { settings, signingSecrets }, message, signal) {
    if (signingSecrets.length === 0)
      throw new DeliveryFailed('Not sent: this channel has no signing secret; make a new one.', { retry: false })
    const body = JSON.stringify(webhookBodyOf(message))
    const now = clock.now()
    const answer = await outgoing.post({
      url: String(settings.url),
      headers: {
        'Content-Type': 'application/json',
        'webhook-id': message.key,
        'webhook-timestamp': String(Math.floor(now / secondMs)),
        'webhook-signature': signatureOf(signingSecrets, message.key, now, body),
      },
      body,
      inside: settings.inside === true,
      signal,
    })
    requireTaken(answer, { gone: [410] })
    return String(answer.status)
  },
}
