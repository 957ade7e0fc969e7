import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import { Sharing } from './sharing.ts'

const own = (text: string): string => JSON.parse(JSON.stringify(text)) as string
const text = fc
  .constantFrom('', 'checkout', 'a text that is longer than most', 'x'.repeat(500), '10.0.0.1:9100')
  .map(own)
const texts = fc.dictionary(fc.constantFrom('service', 'constructor', 'toString', 'team'), text)
const alert = fc
  .record({
    title: text,
    severityRaw: text,
    service: fc.option(text),
    labels: texts,
    annotations: texts,
    links: fc.array(fc.record({ href: text, text }), { maxLength: 3 }),
    events: fc.nat(),
  })
  .map((made) => made as unknown as Alert)

it('SH1: an alert reads as before, and what it was made from is left alone', () => {
  fc.assert(
    fc.property(fc.array(alert, { maxLength: 6 }), (alerts) => {
      const sharing = new Sharing()
      for (const one of alerts) {
        const before = structuredClone(one)
        const { labels, annotations, links } = one
        const after = { ...one }
        sharing.share(after)
        expect(after).toEqual(before)
        expect(Object.keys(after.labels)).toEqual(Object.keys(before.labels))
        expect({ labels, annotations, links }).toEqual({
          labels: before.labels,
          annotations: before.annotations,
          links: before.links,
        })
      }
    }),
    { numRuns: 50 },
  )
})

it('links that are the same are one, also when many others came in between; those that read otherwise are not', () => {
  const sharing = new Sharing(100)
  const shared = (href: string, said: string) => {
    const one = {
      title: '',
      severityRaw: '',
      service: null,
      labels: {},
      annotations: {},
      links: [{ href, text: said }],
    } as unknown as Alert
    sharing.share(one)
    return one.links[0]
  }
  const first = shared('https://a.example/', 'Source')
  for (let number = 0; number < 100; number++) shared(`https://${number}.example/`, 'Source')
  expect(shared('https://a.example/', 'Source')).toBe(first)
  expect(shared('https://a.example/', 'Runbook')).toEqual({ href: 'https://a.example/', text: 'Runbook' })
  for (let number = 0; number < 300; number++) shared(`https://other${number}.example/`, 'Source')
  expect(shared('https://a.example/', 'Source')).not.toBe(first)
})
