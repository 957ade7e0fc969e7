import { describe, expect, it } from 'vitest'
import { readMatcher } from './alertmanager/matcher-syntax.ts'
import { type Silenceable, silences } from './silence.ts'

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
