import { expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { eventOf, Story, storyStart } from './story.fixture.ts'

const labels = { alertname: 'Disk', severity: 'critical' }
/** By the sender's own clock, in minutes of the story; without, the sender says no time and the adapter takes ours. */
const trigger = (saidMin: number) => eventOf(labels, { startsAt: storyStart + saidMin * minuteMs })
/** An end that says no time: PagerDuty's `resolve` usually has none. */
const untimedEnd = (atMin: number) =>
  eventOf(labels, { status: 'resolved', startsAt: storyStart + atMin * minuteMs, endsAt: null })
const timedEnd = (saidMin: number) =>
  eventOf(labels, {
    status: 'resolved',
    startsAt: storyStart + saidMin * minuteMs,
    endsAt: storyStart + saidMin * minuteMs,
  })

test('F8 a sender whose clock is behind ours is heard when its alert fires again after an end that named no time', () => {
  const story = new Story()
  story.send(20, [trigger(10)])
  story.send(21, [untimedEnd(21)])
  const again = story.send(25, [trigger(15)])
  expect(again.counts).toEqual({ attached: 1 })
  expect(story.filter.size().firing).toBe(1)
})

test('F5 the trigger that began what has ended, delivered again, does not bring it back', () => {
  const story = new Story()
  story.send(20, [trigger(10)])
  story.send(21, [untimedEnd(21)])
  expect(story.send(22, [trigger(10)]).counts).toEqual({ recorded: 1 })
})

test('F8 when the sender named both times, the later of them counts, not the order of arrival', () => {
  const story = new Story()
  story.send(20, [trigger(10)])
  story.send(21, [timedEnd(14)])
  expect(story.send(22, [trigger(13)]).counts).toEqual({ recorded: 1 })
  expect(story.send(23, [trigger(15)]).counts).toEqual({ attached: 1 })
})

test('F8 our own clock set back hides no alert: where the sender names no time, the order of arrival counts', () => {
  const story = new Story()
  story.send(120, [trigger(120)])
  story.send(121, [untimedEnd(121)])
  expect(story.send(65, [trigger(65)]).counts).toEqual({ attached: 1 })
})
