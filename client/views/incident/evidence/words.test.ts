import { describe, expect, it } from 'vitest'
import { type EvidenceView, largestFile } from '#shared/evidence.ts'
import { evidenceWords, kindWords, pastedName, refusalOf, savedName, shortHash } from './words.ts'

const one = (more: Partial<EvidenceView> = {}): EvidenceView => ({
  ...{
    id: 1,
    kind: 'file',
    name: 'x.png',
    url: null,
    note: '',
    mediaType: 'image/png',
    size: 2048,
    sha256: 'ab'.repeat(32),
  },
  ...{
    alert: null,
    verbatim: false,
    addedAt: '2026-01-01T00:00:00.000Z',
    by: { id: 'p', name: 'Ana' },
    withdrawn: null,
  },
  destroyedAt: null,
  ...more,
})

describe('evidence in words', () => {
  it('says what it is', () => {
    expect(kindWords(one())).toBe('PNG image, 2.0\u00a0KiB')
    expect(kindWords(one({ kind: 'link', url: 'https://a.example/x?y' }))).toBe('link to a.example')
    expect(kindWords(one({ kind: 'link', url: '[erased]' }))).toBe('link to an address that is gone')
    const request = { kind: 'payload', mediaType: 'application/json', size: 9 } as const
    expect(kindWords(one(request))).toBe('request with what is personal masked, JSON, 9\u00a0bytes')
    expect(kindWords(one({ ...request, verbatim: true }))).toBe('request as it came, JSON, 9\u00a0bytes')
  })

  it('counts what stands and what was withdrawn', () => {
    const gone = one({ withdrawn: { at: '', by: { id: 'p', name: 'Ana' }, reason: 'x' } })
    expect([[], [one()], [one(), gone]].map(evidenceWords)).toEqual(['', '1', '1, 1 withdrawn'])
  })

  it('refuses what cannot come in before it is sent', () => {
    expect(refusalOf({ name: 'a', size: 0 })).toBe('a is empty.')
    expect(refusalOf({ name: 'a', size: largestFile })).toBeNull()
    expect(refusalOf({ name: 'a', size: largestFile + 1 })).toMatch(/25\.0\u00a0MiB; a file may have/)
  })

  it('names what is pasted after when it was, and a saved file as the server says', () => {
    const at = new Date('2026-01-02T03:04:05Z')
    expect(pastedName({ name: 'image.png', type: 'image/png' }, at)).toBe('Pasted 2026-01-02 03.04.05 UTC.png')
    expect(pastedName({ name: '', type: 'image/jpeg' }, at)).toBe('Pasted 2026-01-02 03.04.05 UTC.jpg')
    expect(pastedName({ name: 'x.log', type: '' }, at)).toBe('x.log')
    expect(savedName('attachment; filename=a.png')).toBe('a.png')
    expect(savedName('attachment; filename="a b.png"')).toBe('a b.png')
    expect(savedName('attachment; filename="Gr_e.png"; filename*=UTF-8\'\'Gr%C3%B6%C3%9Fe.png')).toBe('Größe.png')
    expect(savedName('')).toBe('evidence')
    expect(shortHash('ab'.repeat(32))).toBe('abababab…abab')
  })
})
