import { describe, expect, it } from 'vitest'
import { readMatcher } from './alertmanager/matcher-syntax.ts'
import type { UxbridgeError } from './errors.ts'
import { compileMatcher, type Matcher } from './matchers.ts'
import {
  changesInPlace,
  requireSilence,
  type Silenceable,
  silenceLabel,
  silenceStateOf,
  silences,
  type WantedSilence,
} from './silence.ts'

const now = Date.UTC(2026, 0, 1)
const matcher = (op: Matcher['op'], value: string, name = 'job'): Matcher => ({ name, op, value })
const wanted = (more: Partial<WantedSilence> = {}): WantedSilence => ({
  matchers: [matcher('=', 'db')],
  startsAt: now,
  endsAt: now + 60_000,
  createdBy: '',
  comment: '',
  ...more,
})

it('Q4: is in force from its start until just before its end', () => {
  const span = { startsAt: 10, endsAt: 20 }
  const states = [9, 10, 19, 20].map((at) => silenceStateOf(span, at))
  expect(states).toEqual(['pending', 'active', 'active', 'expired'])
  expect(silenceStateOf({ startsAt: 10, endsAt: 10 }, 10)).toBe('expired')
})

describe('Q2: what is taken', () => {
  const refusal = (more: Partial<WantedSilence>): string[] => {
    try {
      requireSilence(wanted(more), now)
      return []
    } catch (error) {
      const { code, details } = error as UxbridgeError
      expect(code).toBe('fields-invalid')
      const fields = details?.fields as { path: string }[] | undefined
      return fields?.map(({ path }) => path) ?? []
    }
  }

  it.each<[what: string, more: Partial<WantedSilence>, paths: string[]]>([
    ['no author and no comment', {}, []],
    [
      'one matcher that asks for nothing, beside one that does',
      { matchers: [matcher('=', ''), matcher('=', 'a', 'b')] },
      [],
    ],
    ['only what must not be: Alertmanager takes it', { matchers: [matcher('!=', 'db')] }, []],
    ['a label name in UTF-8', { matchers: [matcher('=', 'ja', 'größe.in-mm')] }, []],
    ['a start long ago', { startsAt: 0 }, []],
    ['no matchers', { matchers: [] }, ['matchers']],
    ['only an empty value', { matchers: [matcher('=', '')] }, ['matchers']],
    ['only an expression that takes the empty value', { matchers: [matcher('=~', 'a*')] }, ['matchers']],
    ['an expression that is none', { matchers: [matcher('=', 'a'), matcher('!~', '[')] }, ['matchers.1.value']],
    ['a name that is none', { matchers: [matcher('=', 'a', '')] }, ['matchers.0.name']],
    ['an end at its start', { endsAt: now }, ['endsAt']],
    ['an end in the past', { startsAt: now - 9, endsAt: now - 1 }, ['endsAt']],
    ['instants that are none', { startsAt: Number.NaN, endsAt: 8.7e15 }, ['startsAt', 'endsAt']],
    ['words without end', { comment: 'x'.repeat(4001) }, ['comment']],
  ])('%s', (_, more, paths) => {
    expect(refusal(more)).toEqual(paths)
  })
})

describe('Q3: what changes in place', () => {
  const pending = { id: 's', matchers: wanted().matchers, startsAt: now + 1000, endsAt: now + 2000 }
  const active = { ...pending, startsAt: now - 1500 }
  const ended = { ...active, endsAt: now }

  it.each<[what: string, old: typeof active, more: Partial<WantedSilence>, inPlace: boolean]>([
    ['the end of an active one', active, { startsAt: active.startsAt, endsAt: now + 9000 }, true],
    ['its start, to the second', active, { startsAt: active.startsAt + 499 }, true],
    ['its start by more', active, { startsAt: active.startsAt + 1000 }, false],
    ['its matchers', active, { startsAt: active.startsAt, matchers: [matcher('=~', 'db')] }, false],
    [
      'one matcher more',
      active,
      { startsAt: active.startsAt, matchers: [...active.matchers, matcher('=', 'b', 'a')] },
      false,
    ],
    ['any start of one to come', pending, { startsAt: now + 9 }, true],
    ['a start in the past of one to come', pending, { startsAt: now - 1 }, false],
    ['anything of one that has ended', ended, { startsAt: ended.startsAt }, false],
  ])('%s', (_, old, more, inPlace) => {
    expect(changesInPlace(old, wanted(more), now)).toBe(inPlace)
  })
})

describe('Q1: what a silence sees', () => {
  const alert: Silenceable = { labels: { severity: 'page' }, title: 'Disk full', severity: 'critical', service: 'db' }

  it('the sender’s labels, and ours where there are none', () => {
    const seen = ['alertname', 'severity', 'service', 'host', 'constructor'].map((name) => silenceLabel(alert, name))
    expect(seen).toEqual(['Disk full', 'page', 'db', '', ''])
  })

  it('all matchers must take it; none take nothing', () => {
    const matches = (...all: Matcher[]) => silences(all.map(compileMatcher), alert)
    expect(matches(matcher('=', 'page', 'severity'), matcher('!=', 'x', 'host'))).toBe(true)
    expect(matches(matcher('=', 'page', 'severity'), matcher('=', 'x', 'host'))).toBe(false)
    expect(matches()).toBe(false)
  })
})

const paged: Silenceable = {
  key: 's_one\ndisk-db1',
  labels: { host: 'db1' },
  title: 'Disk full',
  severity: 'high',
  service: 'db',
}
/** The same from Prometheus: its labels are its key. */
const told: Silenceable = { ...paged, key: 'alertmanager\n4:host3:db1' }
const matched = (alert: Silenceable, text: string) => silences([readMatcher(text)], alert)

describe('Q1, Q1a: absent labels', () => {
  it.each([
    ['alertname="Disk full"', true, false],
    ['alertname=""', false, true],
    ['alertname=~".+"', true, false],
    ['alertname!="Disk full"', false, true],
    ['severity="high"', true, true],
    ['severity=""', false, true],
    ['severity!="high"', false, true],
    ['service="db"', true, true],
    ['service=~".+"', true, false],
    ['service!~"db"', false, true],
    ['team=""', true, true],
    ['host="db1"', true, true],
    ['host!="db1"', false, false],
  ])('%s: of a page %s, of Prometheus’ alert %s, as Alertmanager has it', (text, ofPage, ofPrometheus) => {
    expect([matched(paged, text), matched(told, text)]).toEqual([ofPage, ofPrometheus])
  })
})
