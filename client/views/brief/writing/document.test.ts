import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { addRow, applyEdit, editBetween, placeAfter, readDraft, removeRow, settle, textOfRow } from './document.ts'

const put = (before: string, { at, removed, inserted }: ReturnType<typeof editBetween>) =>
  before.slice(0, at) + inserted + before.slice(at + removed)

describe('what was typed in a field', () => {
  it('BD9 is read from before and after as one edit that ends at the caret', () => {
    expect(editBetween('aaa', 'aaaa', 1)).toEqual({ at: 0, removed: 0, inserted: 'a' })
    expect(editBetween('aaa', 'aaaa', 4)).toEqual({ at: 3, removed: 0, inserted: 'a' })
    expect(editBetween('w1 w2 ', 'w2 ', 0)).toEqual({ at: 0, removed: 3, inserted: '' })
    expect(editBetween('one two', 'one 2 two', 6)).toEqual({ at: 4, removed: 0, inserted: '2 ' })
  })

  it('BD9 whatever was typed, the edit makes the one text of the other, and cuts no character in two', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀', '😁', 'é'), maxLength: 12 })
    fc.assert(
      fc.property(text, text, fc.nat(24), (before, after, place) => {
        const edit = editBetween(before, after, Math.min(place, after.length))
        expect(put(before, edit)).toBe(after)
        const doc = new Y.Doc()
        doc.getText('t').insert(0, before)
        applyEdit(doc.getText('t'), edit)
        expect(doc.getText('t').toString()).toBe(after)
      }),
    )
  })

  it('BD9 a caret keeps its letters while others type before, at and behind it', () => {
    const delta = (work: (text: Y.Text) => void) => {
      const doc = new Y.Doc()
      const text = doc.getText('t')
      text.insert(0, 'half of the orders')
      let seen: unknown[] = []
      text.observe((event) => {
        seen = event.delta
      })
      work(text)
      return seen as Parameters<typeof placeAfter>[1]
    }
    expect(
      placeAfter(
        4,
        delta((text) => text.insert(0, 'now ')),
      ),
    ).toBe(8)
    expect(
      placeAfter(
        4,
        delta((text) => text.insert(4, ' gone')),
      ),
    ).toBe(4)
    expect(
      placeAfter(
        4,
        delta((text) => text.insert(10, 'x')),
      ),
    ).toBe(4)
    expect(
      placeAfter(
        10,
        delta((text) => text.delete(0, 5)),
      ),
    ).toBe(5)
    expect(
      placeAfter(
        3,
        delta((text) => text.delete(0, 8)),
      ),
    ).toBe(0)
  })
})

describe('rows of a draft', () => {
  const twoPages = () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()]
    addRow(a, 'done', 'r1', { text: 'pool is full' })
    const meet = () => {
      Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
      Y.applyUpdate(a, Y.encodeStateAsUpdate(b))
    }
    meet()
    return { a, b, meet }
  }
  const lines = (doc: Y.Doc) => readDraft(doc).rows.done.map(({ texts }) => texts.text)

  it('BD4 one that was removed is gone for everybody; one that somebody typed in meanwhile stays with their words', () => {
    const { a, b, meet } = twoPages()
    removeRow(a, 'done', 'r1')
    expect(lines(a)).toEqual([])
    const text = textOfRow(b, 'done', 'r1', 'text') as Y.Text
    applyEdit(text, { at: text.length, removed: 0, inserted: ' since 12:00' })
    meet()
    expect(lines(a)).toEqual(['pool is full since 12:00'])
    expect(lines(b)).toEqual(lines(a))
    removeRow(b, 'done', 'r1')
    meet()
    expect(lines(a)).toEqual([])
  })

  it('BD2 a suggestion that two people keep at once is there once, and is asked nobody again', () => {
    const { a, b, meet } = twoPages()
    const suggestion = {
      key: 'add:note:7',
      because: '',
      kind: 'add',
      list: 'done',
      from: 'note:7',
      parts: { text: 'x' },
    } as const
    settle(a, suggestion, true, () => 'ra')
    settle(b, suggestion, true, () => 'rb')
    meet()
    expect(readDraft(a).settled.has('add:note:7')).toBe(true)
    expect(readDraft(a)).toEqual(readDraft(b))
    expect(lines(a)).toEqual(['pool is full', 'x'])
    const [first] = readDraft(a).rows.done.filter(({ from }) => from === 'note:7')
    applyEdit(textOfRow(a, 'done', first?.id ?? '', 'text') as Y.Text, { at: 1, removed: 0, inserted: '!' })
    meet()
    expect(lines(b)).toEqual(['pool is full', 'x!'])
  })

  it('BD10 whatever a document holds, it reads as a draft', () => {
    const doc = new Y.Doc()
    doc.getArray('done').push(['words', 7, new Y.Map([['id', 'x']]), new Y.Text('y')])
    doc.getMap('head').set('trend', 'sideways')
    doc.getMap('head').set('begunAt', 'yesterday')
    expect(readDraft(doc)).toMatchObject({ trend: 'unknown', confidence: 'unsure', begunAt: 0, madeSituation: '' })
    expect(lines(doc)).toEqual([''])
  })
})
