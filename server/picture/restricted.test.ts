import { describe, expect, it } from 'vitest'
import type { Actor } from '#shared/access.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { policySchema } from '#shared/policy.ts'
import { ana, ben, carla, vera } from '../command/room.fixture.ts'
import { makePrecedents } from '../precedents/index.ts'
import { Studio } from '../tell/studio.fixture.ts'
import { makeAlarmLoad, makeAlertmanagerPicture } from './index.ts'

const restrict = { type: 'flag', flag: 'restricted', on: true }
/** Stands in whatever is secret: labels, titles, words. */
const canary = 'kestrel'
const policy = policySchema.parse({
  teams: [{ id: 'pay', members: ['ana'] }],
  services: [{ id: 'vault', team: 'pay' }],
  inhibit_rules: [
    { name: 'cluster down', source_matchers: ['alertname="ClusterDown"'], target_matchers: ['alertname="Down"'] },
  ],
})
const administrator: Actor = { id: 'person:adam', personId: 'adam', roles: ['administrator'] }
const machine: Actor = { id: 'token:t', personId: null, roles: [], scopes: ['alerts', 'silences'] }

/**
 * A house in which `open` is everybody's and `closed`, of ana, was restricted by carla; both have an alert that fires, and
 * that of `closed` is silenced.
 */
async function opened() {
  const studio = await Studio.open()
  const { house } = studio
  const { room } = house
  await room.activatePolicy({ hash: 'own', policy, text: '' })
  const shown = house.onDurable
  const alarmLoad = makeAlarmLoad({
    read: house.store.read,
    clock: { now: () => house.now },
    filter: () => room.world().filter,
    incident: (id) => room.world().incidents.get(id),
    sees: room.sees,
  })
  await alarmLoad.reset()
  const precedents = makePrecedents({
    read: house.store.read,
    clock: { now: () => house.now },
    nameOf: (id) => id,
    incident: room.incident,
    alertsOf: (id) => room.world().filter.alertsOf(id),
    sees: room.sees,
  })
  house.onDurable = (durable) => {
    shown(durable)
    alarmLoad.apply(durable.facts)
    precedents.apply(durable)
  }
  const alertmanager = makeAlertmanagerPicture({
    alerts: () => room.world().filter.alerts(),
    alert: (id) => room.world().filter.alert(id),
    policy: () => room.policy(),
    sees: room.sees,
    clock: { now: () => house.now },
    version: '1',
  })
  /** @returns the incident that it opened */
  const fires = async (alertname: string, service: string, more: object = {}): Promise<string> => {
    const before = new Set(room.world().incidents.keys())
    const summary = service === 'vault' ? `${canary} of ${alertname}` : alertname
    const endsAt = new Date(house.now + 7 * 24 * hourMs).toISOString()
    await house.alert({ alertname, service, severity: 'critical', ...more }, { annotations: { summary }, endsAt })
    return [...room.world().incidents.keys()].find((id) => !before.has(id)) ?? ''
  }
  const open = await fires('Slow', 'checkout')
  const closed = await fires('ClusterDown', 'vault')
  await house.does(ana, closed, { type: 'claim' })
  await house.does(carla, closed, restrict)
  await room.silences.set(
    { by: 'person:carla', address: null },
    {
      matchers: [{ name: 'severity', op: '=', value: 'critical' }],
      ...{ startsAt: house.now, endsAt: house.now + hourMs, createdBy: 'Carla', comment: 'work' },
    },
  )
  const { 0: silence } = room.silences.list()
  const secret = room.world().filter.alertsOf(closed)[0]
  if (silence === undefined || secret === undefined) throw new Error('the story did not begin')
  return { studio, house, room, alarmLoad, precedents, alertmanager, fires, open, closed, silence, secret }
}

async function text(pieces: Promise<AsyncIterable<string>>): Promise<string> {
  let all = ''
  for await (const piece of await pieces) all += piece
  return all
}
const everything = {
  ...{ active: true, silenced: true, inhibited: true, muted: true },
  ...{ filter: [], receiver: null, receiverMatchers: [] },
}
const [seeing, blind] = [
  { carla, ana },
  { ben, vera, administrator, machine, nobody: null },
]

describe('RS1: what is restricted is not named to whoever may not see it', () => {
  it('by Alertmanager’s reads, nor by the cause of what is inhibited', async () => {
    const { house, room, alertmanager, secret } = await opened()
    await house.alert({ alertname: 'Down', service: 'search', severity: 'critical' })
    const [effect] = [...room.world().filter.alerts()].filter(({ labels }) => labels.alertname === 'Down')
    if (effect === undefined) throw new Error('it did not come')
    effect.inhibitedBy = { rule: 'cluster down', by: secret.id }
    const names = async (actor: Actor | null, of: 'alerts' | 'groups') =>
      await text(alertmanager[of](everything, actor))
    for (const actor of Object.values(seeing))
      for (const of of ['alerts', 'groups'] as const) expect(await names(actor, of)).toContain('ClusterDown')
    const cause = JSON.parse(await names(carla, 'alerts')).find(
      ({ labels }: { labels: { alertname: string } }) => labels.alertname === 'ClusterDown',
    )
    for (const actor of Object.values(blind))
      for (const of of ['alerts', 'groups'] as const) {
        const said = await names(actor, of)
        expect(said).toContain('Slow')
        expect(said).not.toMatch(/ClusterDown|kestrel|vault/)
        expect(said).not.toContain(cause.fingerprint)
      }
    const status = JSON.parse(await names(ben, 'alerts')).find(
      ({ labels }: { labels: { alertname: string } }) => labels.alertname === 'Down',
    ).status
    expect(status).toMatchObject({ inhibitedBy: [], state: 'suppressed' })
  })

  it('by silences: neither counted among what fires, nor in a preview', async () => {
    const { room, silence, open, closed, secret } = await opened()
    for (const actor of Object.values(seeing)) {
      expect(room.silences.firingFor(actor)(silence.id)).toBe(2)
      const preview = room.silences.preview(silence.matchers, actor)
      expect(preview).toMatchObject({ firing: 2, silenced: 2 })
      expect(preview.incidents.map(({ id }) => id).sort()).toEqual([open, closed].sort())
    }
    for (const actor of Object.values(blind)) {
      expect(room.silences.firingFor(actor)(silence.id)).toBe(1)
      const preview = room.silences.preview(silence.matchers, actor)
      expect(preview).toMatchObject({ firing: 1, silenced: 1, incidents: [{ id: open, firing: 1 }] })
      expect(preview.alerts.map(({ id }) => id)).not.toContain(secret.id)
    }
  })

  it('by the filter room: rules with what is behind them and what they decided, and alerts', async () => {
    const { studio, silence, open, closed, secret } = await opened()
    const { filterRoom } = studio
    const decided = (await studio.house.store.read.decisions({ alertId: secret.id, limit: 1 }))[0]
    if (decided === undefined) throw new Error('nothing was decided')
    const { stage, rule } = decided
    for (const actor of Object.values(seeing)) {
      expect((await filterRoom.rule('silence', silence.id, actor))?.alerts.map(({ id }) => id)).toContain(secret.id)
      expect(JSON.stringify(await filterRoom.rule(stage, rule, actor))).toContain(closed)
      expect(await filterRoom.alertWhy(secret.id, actor)).toMatchObject({ alert: { incidentId: closed } })
    }
    for (const actor of Object.values(blind)) {
      const page = await filterRoom.rule('silence', silence.id, actor)
      expect(page).toMatchObject({ marks: 1, alerts: [{ incidentId: open }] })
      const rulePage = JSON.stringify(await filterRoom.rule(stage, rule, actor))
      for (const word of [canary, closed, secret.id, 'vault']) expect(rulePage).not.toContain(word)
      expect(await filterRoom.alertWhy(secret.id, actor)).toBeNull()
    }
    const view = JSON.stringify(filterRoom.view())
    for (const word of [canary, closed, secret.id, 'vault']) expect(view).not.toContain(word)
    expect(filterRoom.view().incidents).toEqual({ open: 1, unowned: 1 })
    const marks = filterRoom.view().rules.find(({ rule }) => rule === silence.id)?.marks
    expect(marks, 'of what everybody may see').toBe(1)
  })

  it('as the cause that holds an alert back: the rule is told, and no more', async () => {
    const { studio, house, room, closed, secret } = await opened()
    await house.alert({ alertname: 'Down', service: 'search', severity: 'critical' })
    const [effect] = [...room.world().filter.alerts()].filter(({ labels }) => labels.alertname === 'Down')
    if (effect === undefined) throw new Error('it did not come')
    effect.inhibitedBy = { rule: 'cluster down', by: secret.id }
    const marks = async (actor: Actor | null) => (await studio.filterRoom.alertWhy(effect.id, actor))?.marks?.inhibited
    expect(await marks(carla)).toMatchObject({
      by: secret.id,
      incidentId: closed,
      title: expect.stringMatching(canary),
    })
    for (const actor of Object.values(blind))
      expect(await marks(actor)).toEqual({ rule: 'cluster down', by: '', title: null, incidentId: null })
  })

  it('a rule’s pages have no gap, however much of what it decided is hidden, and none of it twice', async () => {
    const { studio, house, closed, fires } = await opened()
    studio.later(2 * hourMs)
    for (let count = 0; count < 60; count++) {
      const id = await fires(`Odd${count}`, `service-${count}`)
      if (count % 3 !== 0) await house.does(carla, id, restrict)
    }
    const [{ stage, rule } = { stage: '', rule: '' }] = await house.store.read.decisions({ limit: 1 })
    const read = async (actor: Actor | null) => {
      const seen: (string | null)[] = []
      let before: number | undefined
      do {
        const page = await studio.filterRoom.rule(stage, rule, actor, before)
        seen.push(...(page?.decisions ?? []).map(({ incident }) => incident?.id ?? null))
        before = page?.next ?? undefined
      } while (before !== undefined)
      return seen
    }
    const [all, some] = [await read(carla), await read(ben)]
    expect([all.length, some.length]).toEqual([62, 21])
    expect(new Set(some).size).toBe(21)
    expect(some).not.toContain(closed)
  })

  it('by the alarm load, in its names or in its counts; whoever sees it has all', async () => {
    const { studio, house, alarmLoad, closed } = await opened()
    studio.later(26 * hourMs)
    await house.settled()
    const all = { kind: 'everybody', id: null } as const
    const whole = await alarmLoad.load(all, '7d', carla)
    expect([whole.all, whole.standingInAll]).toEqual([2, 2])
    for (const actor of Object.values(blind)) {
      const load = await alarmLoad.load(all, '7d', actor)
      expect([load.all, load.standingInAll, load.byKind.opened]).toEqual([1, 1, 1])
      const said = JSON.stringify({ ...load, lines: [...(load.lines?.people ?? []), ...(load.lines?.teams ?? [])] })
      for (const word of [canary, closed, 'ClusterDown', 'vault']) expect(said).not.toContain(word)
    }
    const own = await alarmLoad.load({ kind: 'person', id: 'ana' }, '7d', ana)
    expect(own.all).toBe(1)
    expect((await alarmLoad.load({ kind: 'person', id: 'ana' }, '7d', administrator)).all).toBe(0)
  })

  it('RD13 by the tote: that somebody is engaged is said, and not by what', async () => {
    const { studio, house, closed } = await opened()
    const { tote } = studio
    const of = (id: string) => tote.view().people.find((one) => one.id === id)
    expect(of('ana')).toMatchObject({ state: 'engaged' })
    expect(of('ana')).not.toHaveProperty('holds')
    expect(JSON.stringify(tote.view())).not.toContain(closed)
    expect(tote.heldUnseen(carla).get('ana')).toMatchObject([{ id: closed, kind: 'owns' }])
    expect(tote.heldUnseen(ana).size).toBe(1)
    for (const actor of Object.values(blind)) expect(tote.heldUnseen(actor).size).toBe(0)
    const before = tote.seq()
    await house.does(carla, closed, { type: 'offer', to: 'vera', brief: { situation: 'x' } }).catch(() => undefined)
    await house.does(ana, closed, { type: 'assist', person: 'dora' })
    expect(of('dora')).toBeUndefined()
    expect(tote.seq(), 'nobody’s row moved').toBe(before)
  })

  it('by what happened before: its past is compared with by who sees it, and weighs nothing for others', async () => {
    const { studio, house, precedents, closed, fires } = await opened()
    await house.does(ana, closed, { type: 'set-phase', phase: 'resolved', reason: `${canary} was found` })
    studio.later(24 * hourMs)
    const now = await fires('ClusterDown', 'vault', { again: 'yes' })
    expect(now).not.toBe(closed)
    await house.does(carla, now, { ...restrict, on: false }).catch(() => undefined)
    for (const actor of Object.values(seeing)) {
      const answer = await precedents.similarTo(now, actor)
      expect(answer).toMatchObject({ known: 1, similar: [{ id: closed }] })
    }
    for (const actor of Object.values(blind))
      expect(await precedents.similarTo(now, actor)).toEqual({ known: 0, similar: [] })
    expect(await precedents.similarTo(closed, ben)).toBeNull()
    // Lifted, it is a precedent for everybody, also after a restart.
    await house.does(carla, closed, { ...restrict, on: false })
    expect(await precedents.similarTo(now, ben)).toMatchObject({ known: 1, similar: [{ id: closed }] })
  })
})

describe('RS7: what must add up counts everything, and names nothing', () => {
  it('whatever is restricted, events are the sum of their outcomes, and each outcome has a rule that decided it', async () => {
    const { studio, closed, open, house } = await opened()
    const before = studio.filterRoom.view()
    expect(before.sum).toMatchObject({ accepted: 2, outcomes: { opened: 2 }, unplaced: 0 })
    await house.does(carla, open, restrict)
    await house.does(carla, closed, { ...restrict, on: false })
    const after = studio.filterRoom.view()
    expect(after.sum).toEqual(before.sum)
    expect(after.rules.map(({ outcomes }) => outcomes)).toEqual(before.rules.map(({ outcomes }) => outcomes))
    expect(studio.picture.figures()).toMatchObject({ ledger: { accepted: 2, outcomes: { opened: 2 } } })
    expect(after.incidents).toEqual({ open: 1, unowned: 0 })
  })
})

describe('RS11: what everybody reads names nothing that is restricted', () => {
  it('where alerts of an incident went, once that is restricted', async () => {
    const { studio, house, room, open } = await opened()
    await house.alert({ alertname: 'Slow', service: 'checkout', severity: 'warning', host: '2' })
    const [going] = room.world().filter.alertsOf(open)
    await house.does(carla, open, { type: 'offer', to: 'ana', brief: { situation: 'x' } })
    await house.does(carla, open, { type: 'split', alerts: [going?.id], reason: 'another matter' })
    const other = [...room.world().incidents.keys()].at(-1) ?? ''
    const read = async () => JSON.stringify([await studio.picture.incident(open), await studio.filterRoom.origin(open)])
    const watched = await studio.watch(`incident:${open}`)
    expect(JSON.stringify(watched)).toContain(other)
    expect(await read()).toContain(other)
    await house.does(carla, other, restrict)
    expect(await read()).not.toContain(other)
    expect(await read()).toContain('another incident')
    expect(JSON.stringify(await studio.watch(`incident:${open}`)), 'told before, and again').not.toContain(other)
    expect(JSON.stringify(await studio.picture.incident(other)), 'its own people read whence it came').toContain(open)
  })

  it('RS4: the board lets it go once, and tells nobody who comes back of what came and went meanwhile', async () => {
    const { studio, house, closed } = await opened()
    const have = studio.picture.seq()
    const declared = { title: canary, service: null, tier: null, description: '', flags: [] }
    const { incidentId } = await house.room.declare(carla, declared, { address: null })
    await house.does(carla, incidentId, restrict)
    studio.later(minuteMs)
    await house.settled()
    const seq = studio.picture.seq()
    expect(studio.picture.since(have)?.remove).toEqual([])
    expect(JSON.stringify(studio.picture.since(have))).not.toContain(incidentId)
    for (const id of [closed, incidentId]) await house.does(carla, id, { type: 'note', text: 'nobody hears' })
    studio.later(100)
    expect(studio.picture.seq()).toBe(seq)
    await house.does(carla, incidentId, { type: 'dismiss', reason: 'it was nothing' })
    for (let minutes = 0; minutes < 130; minutes++) studio.later(minuteMs)
    const since = studio.picture.since(have)
    expect(since?.remove ?? []).not.toContain(incidentId)
    expect(JSON.stringify(studio.frames)).not.toContain(canary)
  })
})
