import { describe, expect, it } from 'vitest'
import type { Event } from '#shared/event.ts'
import { at, effectsOf, outcomesOf, Story } from '../story.fixture.ts'
import { noteLimits } from './amend.ts'

const labels = { alertname: 'Down', service: 'checkout' }
/** What is said of it says nothing of its labels. */
const about = (more: Partial<Event>): Partial<Event> => ({
  dedupKey: 'k',
  labels: {},
  title: 'Something said',
  severityRaw: '',
  severity: 'medium',
  ...more,
})
const said = (story: Story, minute: number, more: Partial<Event>) => story.fire(minute, {}, about(more))

function firing(more: Partial<Event> = {}): Story {
  const story = new Story()
  story.fire(0, labels, { dedupKey: 'k', description: 'It is down.', ...more })
  return story
}

describe('F10: notes', () => {
  it('stay with the alert, are recorded under it, and are information about it', () => {
    const story = firing()
    const folded = said(story, 3, { amends: [], note: 'looking at it' })
    expect(outcomesOf(folded)).toEqual(['recorded INC-1001 note'])
    expect([folded.decisions[0]?.stage, folded.effects, [...folded.touched]]).toEqual(['amend', [], ['INC-1001']])
    expect(folded.decisions[0]?.reason).not.toContain('looking')
    story.fire(4, labels, { dedupKey: 'k' })
    expect(story.alert('Down')).toMatchObject({
      status: 'firing',
      events: 3,
      notes: [{ at: at(3), text: 'looking at it' }],
      rule: 'same service',
    })
    expect(story.filter.alertsOf('INC-1001')[0]?.heardAt).toBe(at(4))
  })

  it('come with an end or an acknowledgement too', () => {
    const story = firing()
    story.fire(1, {}, about({ status: 'acknowledged', note: 'mine' }))
    expect(effectsOf(story.resolve(2, {}, about({ status: 'resolved', note: 'fixed' })))).toEqual([
      'resolve INC-1001 1',
    ])
    expect(outcomesOf(said(story, 3, { amends: [], note: 'it was the cable' }))).toEqual(['recorded INC-1001 note'])
    expect(story.alert('Down')).toMatchObject({
      status: 'resolved',
      acknowledgedAt: at(1),
      notes: [{ text: 'mine' }, { text: 'fixed' }, { text: 'it was the cable' }],
    })
  })

  it('are kept up to a number and a length', () => {
    const story = firing()
    for (let count = 0; count <= noteLimits.count; count++)
      said(story, 1, { amends: [], note: `${count} ${'x'.repeat(noteLimits.length)}` })
    const { notes = [] } = story.alert('Down')
    expect([notes.length, notes[0]?.text.slice(0, 2), notes[0]?.text.length]).toEqual([20, '1 ', noteLimits.length])
  })

  it('about nothing that is known open nothing and grow nothing', () => {
    const story = new Story()
    expect(outcomesOf(said(story, 0, { amends: [], note: 'hello' }))).toEqual(['recorded - no open alert'])
    expect(story.filter.size()).toEqual({ alerts: 0, firing: 0, held: 0, groups: 0 })
  })
})

describe('F10: amendments', () => {
  it('change what they say and nothing else', () => {
    const story = firing({ links: [{ href: 'https://a.example', text: 'A' }] })
    said(story, 1, { amends: ['title'], title: 'Down, and worse' })
    said(story, 2, { amends: ['description'], description: 'Both disks.' })
    expect(story.alert('Down, and worse')).toMatchObject({
      title: 'Down, and worse',
      description: 'Both disks.',
      labels,
      links: [{ text: 'A' }],
      severity: 'critical',
      severityRaw: 'critical',
      startsAt: at(0),
      expiresAt: null,
      heardAt: at(2),
    })
  })

  it('of the severity have an alert judged again that was below an incident', () => {
    const story = firing({ severity: 'info', severityRaw: 'P5' })
    expect(story.filter.size().groups).toBe(0)
    const folded = said(story, 1, { amends: ['severity'], severity: 'critical', severityRaw: 'P1' })
    expect(folded.effects).toMatchObject([{ type: 'open', service: 'checkout', title: 'Down', severity: 'critical' }])
  })

  it('do not keep an alert alive that ends by silence, but for as long as any event', () => {
    const story = firing({ timesOut: true })
    said(story, 4, { amends: ['title'], title: 'Still down' })
    expect(story.filter.nextDueAt()).toBe(at(9))
    story.tick(9)
    expect(story.alert('Still down').status).toBe('resolved')
    expect(outcomesOf(said(story, 10, { amends: ['title'], title: 'Late' }))).toEqual([
      'recorded INC-1001 no open alert',
    ])
    expect(story.alert('Still down').title).toBe('Still down')
  })

  it('take an acknowledgement back', () => {
    const story = firing()
    story.fire(1, {}, about({ status: 'acknowledged' }))
    expect(outcomesOf(said(story, 2, { amends: ['acknowledgement'], note: 'not me' }))).toEqual([
      'recorded INC-1001 note',
    ])
    expect(story.alert('Down').acknowledgedAt).toBeNull()
    expect(outcomesOf(story.fire(3, {}, about({ status: 'acknowledged' })))).toEqual(['recorded INC-1001 acknowledged'])
  })
})
