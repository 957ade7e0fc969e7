/** One line of a comparison: it stays, goes or comes. */
export interface LineChange {
  kind: 'same' | 'gone' | 'new'
  text: string
}

/** Beyond so many changed lines no shortest way is looked for: what differs goes and comes as a whole. */
const mostSteps = 400

/**
 * What makes one text of another, line by line, in as few changed lines as there can be.
 * Source: Myers, An O(ND) Difference Algorithm and Its Variations, Algorithmica 1 (1986).
 */
export function diffLines(before: readonly string[], after: readonly string[]): LineChange[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++
  const gone = before.slice(head, before.length - tail)
  const come = after.slice(head, after.length - tail)
  const same = (text: string): LineChange => ({ kind: 'same', text })
  return [
    ...before.slice(0, head).map(same),
    ...(middleOf(gone, come) ?? [
      ...gone.map((text): LineChange => ({ kind: 'gone', text })),
      ...come.map((text): LineChange => ({ kind: 'new', text })),
    ]),
    ...before.slice(before.length - tail).map(same),
  ]
}

/** @returns null where the two are too different */
function middleOf(a: readonly string[], b: readonly string[]): LineChange[] | null {
  /** Furthest line of `a` by diagonal, before each step. */
  const trace: Map<number, number>[] = []
  let furthest = new Map([[1, 0]])
  for (let step = 0; step <= Math.min(a.length + b.length, mostSteps); step++) {
    trace.push(furthest)
    const next = new Map(furthest)
    for (let k = -step; k <= step; k += 2) {
      let x = isDown(furthest, k, step) ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      next.set(k, x)
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace)
    }
    furthest = next
  }
  return null
}

function isDown(furthest: ReadonlyMap<number, number>, k: number, step: number): boolean {
  return k === -step || (k !== step && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1))
}

function walkBack(a: readonly string[], b: readonly string[], trace: readonly Map<number, number>[]): LineChange[] {
  const changes: LineChange[] = []
  let x = a.length
  let y = b.length
  for (let step = trace.length - 1; step >= 0; step--) {
    const furthest = trace[step] ?? new Map<number, number>()
    const k = x - y
    const from = isDown(furthest, k, step) ? k + 1 : k - 1
    const fromX = step === 0 ? 0 : (furthest.get(from) ?? 0)
    const fromY = step === 0 ? 0 : fromX - from
    while (x > fromX && y > fromY) {
      changes.push({ kind: 'same', text: a[--x] ?? '' })
      y--
    }
    if (step === 0) break
    if (x === fromX) changes.push({ kind: 'new', text: b[--y] ?? '' })
    else changes.push({ kind: 'gone', text: a[--x] ?? '' })
  }
  return changes.reverse()
}

/** Lines around each change that a patch shows. */
const around = 3

/**
 * A unified diff, as `patch` and `git apply` take it. Empty where nothing differs.
 * @param name of the file, as it stands in the headings
 */
export function unifiedPatch(name: string, before: string, after: string): string {
  if (before === after) return ''
  const changes = diffLines(patchLines(before), patchLines(after))
  const hunks: string[] = []
  let [a, b] = [0, 0]
  const places = changes.map(({ kind }) => {
    const place = { a, b }
    if (kind !== 'new') a++
    if (kind !== 'gone') b++
    return place
  })
  for (let at = 0; at < changes.length; ) {
    const first = changes.findIndex(({ kind }, index) => index >= at && kind !== 'same')
    if (first === -1) break
    let end = first + 1
    for (let next = end; next < changes.length && next <= end + 2 * around; next++)
      if (changes[next]?.kind !== 'same') end = next + 1
    const from = Math.max(at, first - around)
    const to = Math.min(changes.length, end + around)
    hunks.push(hunkOf(from, to))
    at = to
  }
  return `--- a/${name}\n+++ b/${name}\n${hunks.join('')}`

  function hunkOf(from: number, to: number): string {
    const lines = changes.slice(from, to)
    const place = places[from] ?? { a: 0, b: 0 }
    const count = (without: LineChange['kind']): number => lines.filter(({ kind }) => kind !== without).length
    // A hunk of no lines stands behind the line before it.
    const range = (start: number, length: number): string => `${length === 0 ? start : start + 1},${length}`
    const heading = `@@ -${range(place.a, count('new'))} +${range(place.b, count('gone'))} @@\n`
    const signs = { same: ' ', gone: '-', new: '+' } as const
    const body = lines.map(({ kind, text }) => `${signs[kind]}${text}\n`)
    return heading + body.join('')
  }
}

/** The last line without an end is another one than with it. */
function patchLines(text: string): string[] {
  const lines = linesOf(text)
  const last = lines.length - 1
  return text.endsWith('\n')
    ? lines
    : lines.map((line, at) => (at === last ? `${line}\n\\ No newline at end of file` : line))
}

/** Lines without their ends; the end of the last one is no line. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}
