import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { type Preferences, preferencesSchema, usualPreferences } from '#shared/notify/preferences.ts'
import { isZone } from '#shared/notify/quiet.ts'
import { type PersonalKind, type PushSubscription, personalKinds, type WayView } from '#shared/notify/view.ts'
import type { Doer, Person } from '../../access/port.ts'
import type { SettingsChange } from '../../command/port.ts'
import type { SettingRow, StoredSetting } from '../../store/port.ts'
import { type Addresses, DeliveryFailed, type PushAddress, type Sender, type Senders } from './port.ts'

const pushSchema = z.strictObject({
  endpoint: z.string(),
  keys: z.strictObject({ p256dh: z.string(), auth: z.string() }),
})
/** All of it is personal: what somebody likes, when they sleep, which browsers are theirs. */
const personalSchema = z.strictObject({ preferences: preferencesSchema.nullable(), push: z.array(pushSchema) })
type Kept = z.output<typeof personalSchema>
const kind = 'notify-person'
const nothing: Kept = { preferences: null, push: [] }

/** Browsers of one person; the one subscribed first makes room. */
const mostBrowsers = 10

export interface AddressParts {
  initial: readonly StoredSetting[]
  people: { get(personId: string): Person | undefined; list(): Person[] }
  senders: Pick<Senders, 'email' | 'webPush' | 'ntfy' | 'ntfyServer'>
  /** Durable, with its entry in the audit. */
  record(change: SettingsChange): Promise<void>
  /** Durable, without one: a browser that has unsubscribed. */
  keep(change: { put: readonly SettingRow[] }): Promise<void>
  log: { error(fields: object, message: string): void }
}

/** How people are reached, in memory as on disk, and its changes. */
export interface AddressBook extends Addresses {
  /** Whether they ever chose something. */
  hasChosen(personId: string): boolean
  ways(personId: string): WayView[]
  /** @throws UxbridgeError `fields-invalid` for a zone there is none of */
  choose(who: Doer, personId: string, preferences: Preferences): Promise<void>
  subscribe(who: Doer, personId: string, subscription: PushSubscription): Promise<number>
  unsubscribe(who: Doer, personId: string, endpoint: string): Promise<number>
}

/** @throws UxbridgeError `store-corrupt` that names a row that cannot be read */
export function makeAddresses({ initial, people, senders, record, keep, log }: AddressParts): AddressBook {
  const book = new Map<string, Kept>()
  for (const row of initial) {
    // Without its personal part the person was erased.
    if (row.kind !== kind || row.personal === null) continue
    const read = personalSchema.safeParse(row.personal)
    if (!read.success)
      throw new UxbridgeError('store-corrupt', `The setting ${kind} ${row.id} cannot be read. Restore a backup.`, {
        row: `${kind} ${row.id}`,
      })
    book.set(row.id, read.data)
  }
  const of = (personId: string): Kept => book.get(personId) ?? nothing
  const rowOf = (personId: string, value: Kept): SettingRow => ({
    kind,
    id: personId,
    doc: {},
    personal: { personId, value },
  })

  /** One after another, each on what the one before left. */
  let last: Promise<unknown> = Promise.resolve()
  function next<T>(run: () => Promise<T>): Promise<T> {
    const answer = last.then(run)
    last = answer.catch(() => undefined)
    return answer
  }
  function change(who: Doer, personId: string, action: string, plan: (kept: Kept) => Kept): Promise<void> {
    return next(async () => {
      const value = plan(of(personId))
      await record({
        ...{ by: who.by, action, subject: personId, outcome: 'done', address: who.address },
        put: [rowOf(personId, value)],
      })
      book.set(personId, value)
    })
  }
  function forget(personId: string, endpoints: ReadonlySet<string>): Promise<void> {
    return next(async () => {
      const kept = of(personId)
      const value = { ...kept, push: kept.push.filter(({ endpoint }) => !endpoints.has(endpoint)) }
      await keep({ put: [rowOf(personId, value)] })
      book.set(personId, value)
    })
  }

  const preferences = (personId: string) => of(personId).preferences ?? usualPreferences
  const emailOf = (personId: string): string | null => {
    const person = people.get(personId)
    return person === undefined || person.disabled ? null : person.email
  }
  const isActive = (personId: string) => people.get(personId)?.disabled === false

  function mailer(personId: string): Sender | null {
    const address = emailOf(personId)
    return address === null ? null : senders.email(address)
  }
  const wayOf: Readonly<Record<PersonalKind, (personId: string) => Sender | null>> = {
    email: mailer,
    'web-push': (personId) => {
      const { push } = of(personId)
      return push.length === 0 ? null : toBrowsers(personId, push)
    },
    ntfy: (personId) => {
      const { ntfyTopic } = preferences(personId)
      return ntfyTopic === null ? null : senders.ntfy(ntfyTopic)
    },
  }

  /** All browsers of a person are one way: it has arrived when one of them took it. */
  function toBrowsers(personId: string, push: readonly PushAddress[]): Sender {
    return {
      kind: 'web-push',
      async send(message, signal) {
        const tries = await Promise.allSettled(push.map((one) => senders.webPush(one).send(message, signal)))
        const failures = tries.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
        const gone = push.filter((_, index) => {
          const one = tries[index]
          return one?.status === 'rejected' && one.reason instanceof DeliveryFailed && one.reason.gone
        })
        if (gone.length > 0)
          forget(personId, new Set(gone.map(({ endpoint }) => endpoint))).catch((err: unknown) =>
            log.error({ err }, 'a browser that has unsubscribed could not be forgotten'),
          )
        if (failures.length < push.length) return
        const worth = failures.find((error) => !(error instanceof DeliveryFailed) || error.retry)
        throw worth ?? failures[0] ?? new DeliveryFailed('no browser is subscribed any more', { retry: false })
      },
    }
  }

  const kinds = (personId: string) => personalKinds.filter((one) => isActive(personId) && wayOf[one](personId) !== null)
  return {
    preferences,
    kinds,
    isActive,
    sender: (personId, one) => (isActive(personId) ? wayOf[one](personId) : null),
    anybody: () => people.list().some(({ id }) => kinds(id).length > 0),
    hasChosen: (personId) => of(personId).preferences !== null,
    ways(personId) {
      const address = emailOf(personId)
      const { push } = of(personId)
      const { ntfyTopic } = preferences(personId)
      const mail = mailer(personId)
      return [
        {
          kind: 'email',
          ready: mail !== null,
          to: address,
          why:
            mail !== null
              ? null
              : address === null
                ? 'You have no e-mail address here; an administrator can add one.'
                : 'This house sends no e-mail: whoever runs it can set SMTP_URL.',
        },
        {
          kind: 'web-push',
          ready: push.length > 0,
          to: push.length === 0 ? null : push.length === 1 ? '1 browser' : `${push.length} browsers`,
          why:
            push.length > 0
              ? null
              : 'No browser of yours is subscribed. Allow notifications on the page Mine, on each device.',
        },
        {
          kind: 'ntfy',
          ready: ntfyTopic !== null,
          to: ntfyTopic === null || ntfyTopic.includes('/') ? ntfyTopic : `${senders.ntfyServer()}${ntfyTopic}`,
          why: ntfyTopic === null ? `You have named no topic of ${new URL(senders.ntfyServer()).host}.` : null,
        },
      ]
    },
    async choose(who, personId, wanted) {
      if (!isZone(wanted.zone))
        throw new UxbridgeError('fields-invalid', 'There is no such time zone; write one as Europe/Berlin.', {
          fields: [{ path: 'zone', message: 'there is no such time zone' }],
        })
      await change(who, personId, 'notify.choose', (kept) => ({ ...kept, preferences: wanted }))
    },
    async subscribe(who, personId, { endpoint, keys: { p256dh, auth } }) {
      // A browser is of one person: whoever used it before is not told on it any more.
      for (const [other, { push }] of book)
        if (other !== personId && push.some((one) => one.endpoint === endpoint))
          await forget(other, new Set([endpoint]))
      await change(who, personId, 'notify.subscribe', (kept) => ({
        ...kept,
        push: [...kept.push.filter((one) => one.endpoint !== endpoint), { endpoint, keys: { p256dh, auth } }].slice(
          -mostBrowsers,
        ),
      }))
      return of(personId).push.length
    },
    async unsubscribe(who, personId, endpoint) {
      await change(who, personId, 'notify.unsubscribe', (kept) => ({
        ...kept,
        push: kept.push.filter((one) => one.endpoint !== endpoint),
      }))
      return of(personId).push.length
    },
  }
}
