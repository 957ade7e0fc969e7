import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, linesOf, unifiedPatch } from './line-diff.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '- x'), { maxLength: 30 })

describe('line by line', () => {
  it('what stays and goes is the one text, what stays and comes the other', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const changes = diffLines(before, after)
        const without = (out: string) => changes.filter(({ kind }) => kind !== out).map(({ text }) => text)
        expect(without('new')).toEqual(before)
        expect(without('gone')).toEqual(after)
      }),
    )
  })

  it('few lines change', () => {
    const changed = diffLines(['a', 'b', 'c', 'd', 'e'], ['a', 'x', 'c', 'e', 'f']).filter(
      ({ kind }) => kind !== 'same',
    )
    expect(changed.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['gone b', 'new x', 'gone d', 'new f'])
  })

  it('texts that have nothing in common are compared too', () => {
    const many = (word: string) => Array.from({ length: 3000 }, (_, index) => `${word} ${index}`)
    expect(diffLines(many('a'), many('b'))).toHaveLength(6000)
  })

  it('the end of the last line is no line', () => {
    expect([linesOf(''), linesOf('a'), linesOf('a\n'), linesOf('a\n\n')]).toEqual([[], ['a'], ['a'], ['a', '']])
  })
})

describe('a patch', () => {
  it('makes the one text of the other, wherever the changes are and however the texts end', () => {
    const texts = fc.tuple(lines, fc.boolean()).map(([all, ends]) => all.join('\n') + (ends ? '\n' : ''))
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        expect(applied(before, unifiedPatch('policy.yaml', before, after))).toBe(after)
      }),
    )
  })

  it('shows three lines around each change', () => {
    const text = Array.from({ length: 20 }, (_, index) => `${index + 1}`)
    const changed = text.with(1, 'two').with(18, 'nineteen')
    expect(unifiedPatch('p', `${text.join('\n')}\n`, `${changed.join('\n')}\n`)).toBe(
      `--- a/p
+++ b/p
@@ -1,5 +1,5 @@
 1
-2
+two
 3
 4
 5
@@ -16,5 +16,5 @@
 16
 17
 18
-19
+nineteen
 20
`,
    )
  })
})

/** As `patch` reads it: exact lines at exact places. */
function applied(before: string, patch: string): string {
  const old = before.split(/(?<=\n)/)
  const made: string[] = []
  let at = 0
  if (patch === '') return before
  const marked = patch.replaceAll('\n\\ No newline at end of file\n', '\0\n')
  for (const line of marked.split(/(?<=\n)/).map((text) => text.replace('\0\n', ''))) {
    const start = /^@@ -(\d+),(\d+) /.exec(line)
    if (start !== null) {
      const first = Number(start[1]) - (start[2] === '0' ? 0 : 1)
      made.push(...old.slice(at, first))
      at = first
    } else if (/^(---|\+\+\+) [ab]\//.test(line)) continue
    else if (line.startsWith('+')) made.push(line.slice(1))
    else {
      expect(line.slice(1)).toBe(old[at])
      if (line.startsWith(' ')) made.push(old[at] ?? '')
      at++
    }
  }
  return [...made, ...old.slice(at)].join('')
}
