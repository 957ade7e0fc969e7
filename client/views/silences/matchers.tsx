import type { Matcher } from '#shared/matchers.ts'
import { Button } from '../../widgets/controls/button.tsx'
import controls from '../../widgets/controls/controls.module.css'
import { readMatchers } from './draft.ts'
import css from './silences.module.css'

const ops: readonly { op: Matcher['op']; words: string }[] = [
  { op: '=', words: '= is' },
  { op: '!=', words: '!= is not' },
  { op: '=~', words: '=~ fits' },
  { op: '!~', words: '!~ does not fit' },
]

const empty: Matcher = { name: '', op: '=', value: '' }

/** Rows for these matchers; an empty one where there are none. */
export function rowsOf(matchers: readonly Matcher[]): Matcher[] {
  return matchers.length === 0 ? [empty] : [...matchers]
}

/** The matchers of rows that are not empty. */
export function matchersIn(rows: readonly Matcher[]): Matcher[] {
  return rows
    .map(({ name, op, value }) => ({ name: name.trim(), op, value }))
    .filter(({ name, value }) => name !== '' || value !== '')
}

/** One row per matcher; several at once can be pasted into a name. */
export function MatcherRows({
  rows,
  faults,
  onChange,
}: {
  rows: readonly Matcher[]
  /** By the matcher's place among those that are not empty. */
  faults: Readonly<Record<number, string>>
  onChange: (rows: Matcher[]) => void
}) {
  const change = (row: number, what: Partial<Matcher>) =>
    onChange(rows.map((one, index) => (index === row ? { ...one, ...what } : one)))
  const filled = rows.filter(({ name, value }) => name.trim() !== '' || value !== '')
  return (
    <fieldset className={css.matchers}>
      <legend>What it holds back: alerts whose labels fit all of these</legend>
      {rows.map((one, index) => {
        const fault = faults[filled.indexOf(one)]
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row holds nothing of its own, and has no other name
          <div key={index} className={css.matcher}>
            <input
              className={controls.input}
              aria-label={`Label ${index + 1}`}
              placeholder="label"
              autoComplete="off"
              spellCheck={false}
              value={one.name}
              onPaste={(event) => {
                const pasted = readMatchers(event.clipboardData.getData('text'))
                if (pasted === null) return
                event.preventDefault()
                onChange([...rows.slice(0, index), ...rowsOf(pasted), ...rows.slice(index + 1)])
              }}
              onChange={(event) => change(index, { name: event.target.value })}
            />
            <select
              className={controls.input}
              aria-label={`How label ${index + 1} is compared`}
              value={one.op}
              onChange={(event) => change(index, { op: event.target.value as Matcher['op'] })}
            >
              {ops.map(({ op, words }) => (
                <option key={op} value={op}>
                  {words}
                </option>
              ))}
            </select>
            <input
              className={controls.input}
              aria-label={`Value ${index + 1}`}
              placeholder={one.op === '=~' || one.op === '!~' ? 'regular expression' : 'value'}
              autoComplete="off"
              spellCheck={false}
              aria-invalid={fault !== undefined}
              value={one.value}
              onChange={(event) => change(index, { value: event.target.value })}
            />
            <Button
              kind="quiet"
              aria-label={`Remove matcher ${index + 1}`}
              disabled={rows.length === 1}
              onClick={() => onChange(rows.toSpliced(index, 1))}
            >
              ✕
            </Button>
            {fault !== undefined && <p className={css.fault}>{fault}</p>}
          </div>
        )
      })}
      <Button kind="quiet" onClick={() => onChange([...rows, empty])}>
        Add a matcher
      </Button>
    </fieldset>
  )
}
