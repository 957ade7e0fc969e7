import { describe, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { briefSchema } from '#shared/incident/brief.ts'
import { NotifyWorld } from './outbox.fixture.ts'

/** So many facts are planned in one go. */
const slice = 200

describe('the journal is planned slice by slice', () => {
  it('N1: a restart between the expiry of an offer and the page that follows it drops nobody, wherever the slice ends', async () => {
    for (const before of [slice - 2, slice - 1, slice]) {
      const w = new NotifyWorld()
      for (const id of ['ada', 'ben', 'dan']) w.person(id)
      await w.start()
      await w.declare('INC-1', { tier: 2 })
      await w.claim('INC-1', 'ada')
      await w.poll()
      const offer = { to: 'ben', eligible: ['ben'], offeredAt: w.now, deadlineAt: w.now + minuteMs, revision: 1 }
      const brief = briefSchema.parse({ situation: 'Half of the orders hang' })
      const by = { at: w.now, by: 'system:clock' }
      await w.happen('INC-1', { type: 'offered', at: w.now, by: 'person:ada', ...offer, brief })
      for (let n = 2; n < before + 1; n++) await w.declare(`INC-${n}`)
      await w.happen(
        'INC-1',
        { type: 'offer-expired', ...by, to: 'ben', owner: 'ada', deadlineAt: offer.deadlineAt },
        {
          ...{ type: 'paged', ...by, policy: null, step: 0, round: 0, reason: 'escalated', targets: [] },
          ...{ people: ['dan'], channels: [], nextAt: null, quietUntil: null },
        },
      )
      await w.poll()
      await w.start()
      await w.quieten()
      // What was under way at the restart comes again, under the same key.
      const told = w.taken.filter(({ lane }) => lane === 'dan/email').map(({ message }) => message)
      const texts = new Map(told.map(({ key, incidents }) => [key, incidents[0]?.text]))
      expect([...texts.values()]).toEqual([
        'An offer to hand it over was not answered. ADA still owns it, and needs somebody to take it.',
      ])
    }
  })
})
