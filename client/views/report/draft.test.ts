import { expect, it } from 'vitest'
import { emptyDraft, isEmpty, localInput, openDrawer, reportOf } from './draft.ts'

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> & { held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, text) => void held.set(key, text),
    removeItem: (key) => void held.delete(key),
  }
}
const answer = { id: 'r-1', incidentId: 'INC-1', outcome: 'opened' as const, says: 'It was opened.' }

it('what was written outlives a reload, with what was sent', () => {
  const tab = storage()
  const draft = { ...emptyDraft('r-12345678'), title: 'Cannot pay', felt: 'slower' as const }
  const sent = [{ answer, title: 'Before', at: 1 }]
  expect(openDrawer(tab, 'p_1').keep(draft, sent)).toBe(true)
  expect(openDrawer(tab, 'p_1')).toMatchObject({ draft, sent })
})

it('somebody else in the same tab finds nothing, and what was there is gone', () => {
  const tab = storage()
  openDrawer(tab, 'p_1').keep({ ...emptyDraft('r'), contact: 'Mo, 4711' }, [])
  expect(openDrawer(tab, 'p_2')).toMatchObject({ draft: null, sent: [] })
  expect(tab.held.size).toBe(0)
})

it('what cannot be read counts as nothing; a browser that keeps nothing says so', () => {
  const tab = storage()
  tab.setItem('uxbridge report', '{')
  expect(openDrawer(tab, 'p_1').draft).toBeNull()
  const full = {
    ...storage(),
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
  }
  expect(openDrawer(full, 'p_1').keep(emptyDraft('r'), [])).toBe(false)
})

it('the report as it is sent: times with their zone, links one by one, no words as none', () => {
  const draft = {
    ...emptyDraft('r-12345678'),
    title: ' Cannot pay ',
    since: '2026-11-22T09:30',
    links: 'https://a.example\n\nhttps://b.example ',
  }
  expect(reportOf(draft)).toEqual({
    faults: [],
    report: expect.objectContaining({
      title: 'Cannot pay',
      since: new Date(2026, 10, 22, 9, 30).toISOString(),
      service: null,
      links: ['https://a.example', 'https://b.example'],
    }),
  })
})

it('faults stand at their field, and the other fields can be judged all the same', () => {
  const paths = (more: object) => reportOf({ ...emptyDraft('r-12345678'), ...more }).faults.map(({ path }) => path)
  expect(paths({})).toEqual(['title'])
  expect(paths({ title: 'A', links: 'ftp://a' })).toEqual(['links'])
  expect(reportOf({ ...emptyDraft('r-12345678'), contact: 'Mo' }).report.contact).toBe('Mo')
})

it('empty is what nobody wrote anything into', () => {
  expect(isEmpty(emptyDraft('r'))).toBe(true)
  expect(isEmpty({ ...emptyDraft('r'), place: 'Leeds' })).toBe(false)
})

it('a moment for the field of date and time is local, to the minute', () => {
  expect(localInput(new Date(2026, 0, 5, 9, 3, 59).getTime())).toBe('2026-01-05T09:03')
})
