import { expect, it } from 'vitest'
import { type Report, reportSchema } from '#shared/report.ts'
import { capturedAt } from './reading.fixture.ts'
import { reportAdapter, reportRequest } from './report.ts'

const written = (more: Partial<Report> = {}): Report =>
  reportSchema.parse({ id: 'report-1', title: 'Cannot print', ...more })
const read = (report: Report, service: string | null = null, by = 'person:p_1') =>
  reportAdapter.parse(reportRequest({ by, service, report }, capturedAt)).events[0]

it('everything that the form asks for', () => {
  const event = read(
    written({
      details: 'The queue stays empty.',
      felt: 'blocked',
      affected: 'many',
      who: 'Leeds office',
      since: '2026-11-22T00:40:00Z',
      service: 'Print',
      environment: 'production',
      place: 'Floor 2',
      evidence: 'Error 0x61',
      links: ['https://shots.example/1'],
      contact: 'Mo, 4711',
    }),
    'print',
  )
  expect(event).toEqual({
    kind: 'report',
    status: 'firing',
    dedupKey: expect.stringContaining('person:p_1'),
    family: 'keyed',
    severity: 'high',
    severityRaw: 'An important part does not work',
    title: 'Cannot print',
    description:
      'The queue stays empty.\nAffected: Many: Leeds office\nWhere: Floor 2\nEvidence: Error 0x61\nContact: Mo, 4711',
    startsAt: Date.UTC(2026, 10, 22, 0, 40),
    endsAt: null,
    expiresAt: null,
    timesOut: false,
    service: 'print',
    labels: { kind: 'report', affected: 'many', environment: 'production' },
    annotations: {},
    links: [{ href: 'https://shots.example/1', text: 'Evidence' }],
    groupKey: null,
  })
})

it('P4: what people write stands in the description and nowhere else', () => {
  const secret = 'Mrs Jones 4711'
  const report = written({
    details: secret,
    who: secret,
    place: secret,
    evidence: secret,
    contact: secret,
    service: secret,
  })
  const event = read(report)
  expect(event?.description).toContain(`Contact: ${secret}`)
  expect(JSON.stringify({ ...event, description: '', groupKey: '' })).not.toContain('Jones')
  expect(event?.service).toBeNull()
  // It groups in the fold, whose state is encrypted; a reason shows names of labels only.
  expect(event?.groupKey).toBe('reported service mrs jones 4711')
})

it('P3: the same report has the same key; other words, or another person, another one', () => {
  const key = read(written())?.dedupKey
  expect(read(written())?.dedupKey).toBe(key)
  expect(read(written({ details: 'More' }))?.dedupKey).not.toBe(key)
  expect(read(written(), null, 'person:p_2')?.dedupKey).not.toBe(key)
})

it('of nothing but a title: now, of medium severity', () => {
  expect(read(written())).toMatchObject({ severity: 'medium', severityRaw: '', startsAt: capturedAt, description: '' })
})

it('what is no report is unreadable', () => {
  const raw = { ...reportRequest({ by: 'x', service: null, report: written() }, 0), body: Buffer.from('{}') }
  expect(reportAdapter.parse(raw)).toMatchObject({ events: [], unreadable: [{ index: 0 }] })
})
