import type { Page } from 'playwright'
import { stringify } from 'yaml'
import { invite, type Player, tokenIn } from '#server/demo/people.ts'
import { briefSchema } from '#shared/incident/brief.ts'
import { critical, post, raise } from '../world/events.ts'
import { type House, testPassword } from '../world/house.ts'
import type { Server } from '../world/server.ts'
import { until } from '../world/until.ts'
import { incidentOf, shows } from './story.ts'

const hourMs = 3_600_000

/** A house in which something is on every screen, and in every state that a screen shows by a colour or a shape. */
export interface Furnished {
  /** Who may see and do everything. */
  everybody: Player
  /** Owned by `everybody`, with a chain, a brief, tasks, evidence, a role, an update, merged alerts and a past. */
  owned: string
  /** Owned by somebody else and offered to `everybody`. */
  offered: string
  unowned: string
  restricted: string
  source: string
  /** A one-time link that nobody has followed. */
  invitation: string
}

/** A screen of the furnished house, and words that stand on it once all of it has come. */
export interface Screen {
  path: string
  shows: string | RegExp
}

/** Every screen of somebody who may see all of them, but for the wall, which follows another room of the server. */
export function screensOf({ owned, offered, unowned, restricted, source }: Furnished): Screen[] {
  return [
    { path: '/', shows: 'Nobody can see their payslip' },
    { path: `/?at=${owned}`, shows: 'We roll back the release of noon.' },
    { path: `/incident/${owned}`, shows: 'The pool was too small' },
    { path: `/incident/${offered}`, shows: 'Brief as offered' },
    { path: `/incident/${unowned}`, shows: 'Similar past incidents' },
    { path: `/incident/${restricted}`, shows: 'Lift the restriction…' },
    { path: '/mine', shows: 'offers you this' },
    { path: '/filter', shows: 'what customers feel' },
    { path: '/filter?rule=define%2Fwhat+customers+feel', shows: 'what customers feel' },
    { path: '/filter/load', shows: 'alarms in all' },
    { path: '/filter/policy', shows: 'Try on the past' },
    { path: '/silences', shows: 'weekly backup' },
    { path: '/silences?new=1', shows: 'What it would hold back now' },
    { path: '/lost', shows: 'Pumping station' },
    { path: '/sources', shows: 'Prometheus, Dublin' },
    { path: `/sources/${source}`, shows: 'alertmanagers:' },
    { path: '/people', shows: 'Jonas Brandt' },
    { path: '/channels', shows: 'Ticket system' },
    { path: '/notifications', shows: 'Quiet hours' },
    { path: '/rota', shows: 'Nobody answers for Payments' },
    { path: '/services', shows: 'orders-db' },
    { path: '/services?at=checkout', shows: 'If nobody owns it' },
    { path: '/tote', shows: 'Engaged' },
    { path: '/report', shows: 'Send the report' },
    { path: '/nowhere', shows: 'There is no such page' },
    { path: '/incident/INC-9999', shows: 'Back to the board' },
  ]
}

/** Goes there as a link does, without loading the page anew, and waits until it has come. */
export async function goTo(page: Page, { path, shows: words }: Screen): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), path)
  await shows(page.locator('main'), words)
}

function policyOf(people: readonly Player[]): string {
  const ids = people.map(({ id }) => id)
  const today = new Date().toISOString().slice(0, 10)
  return stringify({
    services: [
      { id: 'orders-db', team: 'payments' },
      { id: 'checkout', team: 'payments', depends_on: ['orders-db'], runbook: 'https://runbooks.example/checkout' },
      { id: 'search', team: 'discovery' },
    ],
    teams: [
      { id: 'payments', name: 'Payments', members: ids },
      { id: 'discovery', name: 'Discovery', members: ids.slice(1, 2) },
    ],
    rotations: [
      {
        ...{ id: 'payments', name: 'Payments', team: 'payments', time_zone: 'Europe/Berlin' },
        layers: [{ people: ids, starts: `${today}T08:00`, turn: '1d', holidays: { calendars: ['public'] } }],
      },
    ],
    holidays: [
      {
        id: 'public',
        days: [{ date: new Date(Date.now() + 72 * hourMs).toISOString().slice(0, 10), name: 'A day off' }],
      },
    ],
    definitions: [
      { name: 'watchdog', match: ['alertname="Watchdog"'], as: 'record' },
      { name: 'what customers feel', match: ['service="checkout"'], as: 1 },
      { name: 'search', match: ['service="search"'], as: 2 },
      { name: 'mail', match: ['service="mail"'], as: 3 },
      { name: 'the rest', match: ['severity=~".+"'], as: 'triage' },
    ],
    filters: {
      maintenance: [
        {
          ...{ name: 'weekly backup', match: ['service="db"', 'alertname="Slow"'], reason: 'the backup makes it slow' },
          recurs: {
            rrule: 'FREQ=WEEKLY;BYDAY=SU',
            starts: '2026-01-04T03:30',
            lasts: '2h',
            time_zone: 'Europe/Berlin',
          },
        },
      ],
    },
    tiers: { unclassified: { offer_expires_after: '30m' }, 2: { offer_expires_after: '30m' } },
    reports: { required: ['felt', 'affected'] },
  })
}

const brief = briefSchema.parse({
  situation: 'Half of the payments fail since the release',
  done: ['Only cards fail, not invoices'],
  actions: [{ text: 'Roll the gateway back' }],
  contingencies: [],
  noContingencyBecause: 'nothing can be prepared',
})

/** Fills the house through its doors. The server must have been started with a policy file. */
export async function furnish(server: Server, house: House): Promise<Furnished> {
  const { administrator } = house
  const all = await invite(
    administrator,
    {
      name: 'Ada Ferreira',
      email: 'ada@test.example',
      roles: ['administrator', 'commander', 'responder', 'privacy', 'auditor'],
    },
    testPassword,
  )
  const [ana, ben] = house.responders as [Player, Player]
  server.writePolicy(policyOf([all, ana, ben]))
  await until('the policy', () => server.log().includes('new policy is active'))

  const shop = await house.addSource('prometheus', 'Prometheus, Dublin')
  await house.addSource('pagerduty', 'Back office')
  const tell = async (service: string, ...more: Record<string, string>[]): Promise<string> => {
    await raise(
      server.url,
      shop.key,
      (more.length === 0 ? [{}] : more).map((labels) => critical(service, labels)),
    )
    return incidentOf(house, service)
  }

  // What happened before, and is over.
  const before = await tell('checkout')
  await all.api.command(before, { type: 'claim' })
  await all.api.command(before, { type: 'set-phase', phase: 'resolved', reason: 'The pool was too small' })
  await all.api.command(before, { type: 'set-phase', phase: 'review' })
  await all.api.command(before, { type: 'set-phase', phase: 'closed' })

  await raise(server.url, shop.key, [
    critical('checkout', { instance: 'checkout-2:9100' }),
    critical('checkout', { instance: 'checkout-3:9100' }),
  ])
  const owned = await until('the second incident of checkout', async () =>
    (await administrator.picture()).incidents.find(({ id, service }) => service === 'checkout' && id !== before),
  ).then(({ id }) => id)
  const unowned = await tell('warehouse')
  const offered = await tell('search')
  const small = await tell('mail')
  const symptom = await tell('invoices')

  const say = async (who: Player, id: string, command: Parameters<typeof who.api.command>[1]): Promise<void> => {
    const { status, body } = await who.api.command(id, command)
    if (status !== 200) throw new Error(`${command.type} of ${id} was refused: ${JSON.stringify(body)}`)
  }
  await say(ana, owned, { type: 'claim' })
  await say(ana, owned, { type: 'offer', to: all.id, brief })
  const revision = (await administrator.incident(owned)).summary.offer?.revision ?? 0
  await say(all, owned, { type: 'accept', revision, readBack: 'Payments fail, I roll the gateway back' })
  await say(all, owned, { type: 'add-task', text: 'Check that refunds went out', dueInMin: 10 })
  await say(all, owned, { type: 'add-task', text: 'Tell the partners', person: ana.id })
  await say(all, owned, { type: 'note', text: 'The graph of the gateway falls at 12:02.' })
  await say(all, owned, { type: 'update', text: 'We roll back the release of noon.', nextInMin: 30 })
  await say(all, owned, { type: 'assign-role', role: 'communications', person: all.id })
  await say(all, owned, { type: 'flag', flag: 'customers', on: true })
  await say(all, owned, { type: 'set-phase', phase: 'containing' })
  // One clock is near, another has passed.
  const began = (hours: number) => ({
    at: new Date(Date.now() - hours * hourMs).toISOString(),
    reason: 'The DPO saw it',
  })
  await say(all, owned, { type: 'flag', flag: 'personal-data', on: true })
  await say(all, owned, { type: 'start-clock', clock: 'gdpr-33-1', ...began(71.5) })
  await say(all, owned, { type: 'start-clock', clock: 'nis2-23-4', ...began(80) })
  await say(all, owned, {
    type: 'add-evidence',
    kind: 'link',
    name: 'The graph',
    url: 'https://graphs.example/gateway',
  })
  await say(all, symptom, { type: 'merge', into: owned, reason: 'The same gateway' })
  await say(ben, offered, { type: 'claim' })
  await say(ben, offered, { type: 'offer', to: all.id, brief })
  await say(ana, small, { type: 'claim' })
  await say(house.commander, small, { type: 'take-over', reason: 'Ana is on a train' })
  await say(house.commander, small, { type: 'flag', flag: 'restricted', on: true })

  await furnishTheRest(server, house, all)
  const invited = await administrator.must<{ link: { url: string } }>('POST', '/api/people', {
    ...{ name: 'Jonas Brandt', email: 'jonas@test.example', roles: ['responder'] },
  })
  return {
    everybody: all,
    owned,
    offered,
    unowned,
    restricted: small,
    source: shop.id,
    invitation: tokenIn(invited.link.url),
  }
}

/** Silences of every kind, lost property, channels, a report. */
async function furnishTheRest(server: Server, house: House, all: Player): Promise<void> {
  const silence = (service: string, more: object) =>
    all.api.must('POST', '/api/silences', {
      matchers: [{ name: 'service', op: '=', value: service }],
      comment: 'the cluster fails over',
      createdBy: 'Night shift',
      ...more,
    })
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()
  await silence('mail', { endsAt: inMs(20 * 60_000) })
  await silence('batch', { startsAt: inMs(hourMs), endsAt: inMs(3 * hourMs) })
  await silence('reports', {
    recurs: { rrule: 'FREQ=DAILY', starts: '2026-01-01T02:00', lastsMs: hourMs, timeZone: 'Europe/Berlin' },
  })
  const pumps = await house.addSource('webhook', 'Pumping station')
  await house.administrator.must('PATCH', `/api/sources/${pumps.id}`, { settings: { mapping: 'pumps' } })
  await post(server.url, new URL(pumps.url).pathname, '{"pumps":[{"name":"north"}]}', pumps.key)
  await post(server.url, new URL(pumps.url).pathname, '{}', 'uxs_nobody')
  await house.administrator.must('POST', '/api/channels', {
    ...{ kind: 'webhook', name: 'Ticket system', id: 'tickets', settings: { url: 'https://tickets.example/hook' } },
  })
  await all.api.must('POST', '/api/reports', {
    ...{
      title: 'Nobody can see their payslip',
      id: 'report-of-payroll',
      felt: 'stopped',
      affected: 'everybody',
      service: 'payroll',
    },
    contact: 'Mo, extension 4711',
  })
}
