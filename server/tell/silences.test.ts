import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Frame } from '#shared/wire.ts'
import { Studio } from './studio.fixture.ts'
import { frameEveryMs } from './telling.ts'

describe('T11 silences reach every screen within a second', () => {
  const matchers = [{ name: 'service', op: '=', value: 'checkout' }] as const
  const by = { by: 'person:ana', address: null }
  const last = <T>(studio: Studio, pick: (frame: Frame) => T | undefined): T | undefined =>
    studio.frames.map(pick).findLast((found) => found !== undefined)

  test('an incident whose alerts are all silenced says so, until when and by whom; so does each alert', async () => {
    const studio = await Studio.open()
    const { silences } = studio.house.room
    await studio.alert('checkout')
    await studio.watch('board')
    await studio.watch('incident:INC-1001')
    const wanted = {
      matchers,
      startsAt: studio.house.now,
      endsAt: studio.house.now + hourMs,
      createdBy: 'Ana',
      comment: 'known',
    }
    const { id, endsAt } = await silences.set(by, wanted)
    studio.later(2000)
    studio.later(frameEveryMs)
    const until = new Date(endsAt).toISOString()
    const card = (frame: Frame) => ('upsert' in frame ? frame.upsert[0]?.silenced : undefined)
    const alert = (frame: Frame) => ('facts' in frame && frame.kind === 'delta' ? frame.alerts[0]?.silence : undefined)
    expect(last(studio, card)).toEqual({ until, by: 'Ana', id })
    expect(last(studio, alert)).toEqual({ id, createdBy: 'Ana', endsAt: until, comment: 'known' })

    await silences.set(by, { ...wanted, id, startsAt: studio.house.now - 2000 - frameEveryMs, comment: 'being mended' })
    studio.later(2000)
    studio.later(frameEveryMs)
    expect(last(studio, alert)).toMatchObject({ id, comment: 'being mended' })

    await silences.expire(by, id)
    studio.frames = []
    studio.later(2000)
    studio.later(frameEveryMs)
    expect(last(studio, card)).toBeNull()
    expect(last(studio, alert)).toBeNull()
  })

  test('the number of alerts that are held back is told when it changes', async () => {
    const studio = await Studio.open()
    const first = await studio.watch('board')
    expect(first).toMatchObject({ heldBack: 0 })
    const wanted = {
      matchers,
      startsAt: studio.house.now,
      endsAt: studio.house.now + minuteMs,
      createdBy: 'Ana',
      comment: '',
    }
    await studio.house.room.silences.set(by, wanted)
    await studio.alert('checkout')
    studio.later(2000)
    const told = (frame: Frame) => ('upsert' in frame ? frame.heldBack : undefined)
    expect(last(studio, told)).toBe(1)
    expect(studio.picture.board()).toMatchObject({ heldBack: 1, incidents: [] })
    studio.later(minuteMs)
    await studio.house.room.checkpoint()
    studio.later(2000)
    expect(last(studio, told)).toBe(0)
    expect(studio.picture.board().incidents).toHaveLength(1)
  })
})
