import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { usualPreferences } from '#shared/notify/preferences.ts'
import { swapPassage } from '#shared/notify/swap.ts'
import { subjectOf } from './channels/ways/email.ts'
import { textOf } from './channels/ways/email-body.ts'
import { payloadOf } from './channels/ways/web-push.ts'
import { NotifyWorld, noon } from './outbox.fixture.ts'

const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '11:00', to: '20:00' }]
async function world(): Promise<NotifyWorld> {
  const w = new NotifyWorld()
  for (const id of ['ada', 'ben', 'dan']) w.person(id)
  await w.start()
  return w
}
const lanes = (w: NotifyWorld) => w.taken.map(({ lane }) => lane)

describe('shifts that are offered', () => {
  it('SW1: whoever may take it over is told, with the way to the rota; whoever offers it hears the answer', async () => {
    const w = await world()
    w.person('ben', ['email', 'web-push'])
    w.swap('s1', { eligible: ['ben'] })
    await w.quieten()
    expect(lanes(w).sort()).toEqual(['ben/email', 'ben/web-push'])
    const message = w.taken[0]?.message
    if (message === undefined) throw new Error('nothing was told')
    const span = 'Mon 23 Nov 12:00 to Tue 24 Nov 12:00 UTC'
    expect(message.title).toBe(`A shift is offered to you: Web on-call, ${span}`)
    expect(message.link).toBe('http://board/rota?rotation=web&from=2026-11-23')
    expect(subjectOf(message)).toBe(`Shift of Web on-call, ${span}`)
    expect(textOf(message)).toContain('Offered\nADA offers it to you (layer day). Accept or decline in the rota')
    expect(textOf(message)).not.toContain('classified')
    expect(payloadOf(message)).toMatchObject({ urgent: false, actions: [], tag: message.key })
    expect(w.outbox.recent()[0]).toMatchObject({ incidentId: null, person: 'ben', outcome: 'delivered' })

    w.taken = []
    w.swap('s1', { state: 'accepted', endedBy: 'ben', eligible: [] })
    await w.quieten()
    expect(w.taken.map(({ lane, message }) => [lane, message.incidents[0]?.text])).toEqual([
      ['ada/email', 'BEN takes it over (layer day).'],
    ])
    expect(await w.notified()).toEqual([])
  })

  it('SW1: declined, taken back by a commander, or not answered: told to whoever offered; what they did themselves is not', async () => {
    const w = await world()
    w.swap('declined', { eligible: ['ben'] })
    w.swap('back', { eligible: ['ben'] })
    w.swap('mine', { eligible: ['ben'] })
    w.swap('late', { eligible: ['ben'], from: w.now + hourMs })
    await w.quieten()
    w.taken = []
    w.swap('declined', { state: 'declined', endedBy: 'ben', eligible: [] })
    w.swap('back', { state: 'withdrawn', endedBy: 'dan', eligible: [] })
    w.swap('mine', { state: 'withdrawn', endedBy: 'ada', eligible: [] })
    await w.quieten()
    // Nobody changes anything: time alone ends it.
    w.now += hourMs
    const late = w.swaps.get('late')
    if (late !== undefined) w.swaps.set('late', { ...late, state: 'expired', eligible: [] })
    await w.quieten()
    const told = w.taken.flatMap(({ lane, message }) => message.incidents.map(({ text }) => [lane, text]))
    expect(told).toEqual([
      ['ada/email', 'BEN declined it, and nobody else is asked: it stays yours (layer day).'],
      ['ada/email', 'DAN took your offer back: it stays yours (layer day).'],
      ['ada/email', 'Nobody took it over before it began: it is yours (layer day).'],
    ])
  })

  it('N3: who was to be told and cannot take it over any more is not told', async () => {
    const w = await world()
    w.person('ben', ['email'], { ...usualPreferences, quiet })
    w.swap('s1', { eligible: ['ben'], from: noon + 72 * hourMs, to: noon + 80 * hourMs })
    await w.poll()
    expect(w.outbox.figures().waiting).toBe(1)
    w.swap('s1', { state: 'accepted', endedBy: 'dan', eligible: [] })
    w.now += 8 * hourMs
    await w.quieten()
    expect(lanes(w)).toEqual(['ada/email'])
  })

  it('SW2: quiet hours hold it back, but never until less than a day is left', async () => {
    const to = (begins: number, change = {}) =>
      swapPassage({ ...usualPreferences, quiet, ...change }, 'email', noon + begins * hourMs, noon)
    expect(to(72)).toEqual({ goes: 'later', at: noon + 8 * hourMs })
    expect(to(26)).toEqual({ goes: 'later', at: noon + 2 * hourMs })
    expect(to(24)).toEqual({ goes: 'now' })
    expect(to(1, { quietForUrgent: true })).toEqual({ goes: 'later', at: noon + 8 * hourMs })
    expect(to(72, { quiet: [] })).toEqual({ goes: 'now' })
    const w = new NotifyWorld()
    w.person('ben', ['email'], { ...usualPreferences, quiet })
    await w.start()
    w.swap('s1', { eligible: ['ben'], from: noon + 26 * hourMs, to: noon + 30 * hourMs })
    await w.quieten()
    expect(w.taken[0]?.message.at).toBe(noon + 2 * hourMs)
  })

  it('N9: it is told at least once under one key wherever a crash comes, and not again after a start', async () => {
    for (let commit = 0; commit < 5; commit++)
      for (const after of [false, true]) {
        const w = await world()
        w.swap('s1', { eligible: ['ben', 'dan'] })
        w.crashAt = { commit: w.commits + commit, after }
        await w.quieten()
        w.swap('s1', { state: 'accepted', endedBy: 'ben', eligible: [] })
        await w.quieten()
        expect([...new Set(lanes(w))].sort()).toEqual(['ada/email', 'ben/email', 'dan/email'])
        expect(new Set(w.taken.map(({ message }) => message.key)).size).toBe(3)
        await w.start()
        w.taken = []
        await w.quieten()
        expect(w.taken).toEqual([])
      }
  })

  it('what was offered before the house told anybody of it is told to nobody', async () => {
    const w = new NotifyWorld()
    w.person('ben')
    w.swap('old', { eligible: ['ben'] })
    await w.start()
    await w.quieten()
    expect(w.taken).toEqual([])
  })

  it('goes with what else the same person is told', async () => {
    const w = await world()
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ben'])
    w.swap('s1', { eligible: ['ben'] })
    await w.quieten()
    expect(w.taken.map(({ message }) => message.title)).toEqual([
      'INC-1 needs an owner: Tier 2, Trouble of INC-1 and 1 more',
    ])
    expect(w.taken[0]?.message.incidents.map(({ id }) => id)).toEqual(['INC-1', 'Shift'])
  })
})
