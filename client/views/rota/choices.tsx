import { Button } from '../../widgets/controls/button.tsx'
import type { Begin, Known } from './known.ts'
import { moved, type RotaQuery, type SpanName } from './query.ts'
import css from './rota.module.css'
import { dayIn } from './zone.ts'

const spanWords: Readonly<Record<SpanName, string>> = { week: 'Week', weeks: 'Four weeks' }

/** Which time, of which rotation, as what; and what can be begun. All but the last stands in the address. */
export function Choices({
  known: { view, here, now },
  query,
  narrow,
  mayOverride,
  onChange,
  begin,
}: {
  known: Known
  query: RotaQuery
  /** Too narrow for a timeline. */
  narrow: boolean
  mayOverride: boolean
  onChange: (next: Partial<RotaQuery>) => void
  begin: Begin
}) {
  const first = Date.parse(view.from)
  const last = Date.parse(view.to) - 1
  return (
    <search className={css.choices}>
      <span className={css.step}>
        <Button aria-label="Earlier" onClick={() => onChange(moved(query, -1, now, here))}>
          ‹
        </Button>
        <Button disabled={query.from === null} onClick={() => onChange({ from: null })}>
          Today
        </Button>
        <Button aria-label="Later" onClick={() => onChange(moved(query, 1, now, here))}>
          ›
        </Button>
      </span>
      <b className={css.when} aria-live="polite">
        {dayIn(first, here, now)} to {dayIn(last, here, now)}
      </b>
      <Tabs
        legend="How long"
        values={['week', 'weeks'] as const}
        words={spanWords}
        value={query.span}
        onChange={(span) => onChange({ span })}
      />
      {!narrow && (
        <Tabs
          legend="As what"
          values={['timeline', 'list'] as const}
          words={{ timeline: 'Timeline', list: 'List' }}
          value={query.asList ? 'list' : 'timeline'}
          onChange={(as) => onChange({ asList: as === 'list' })}
        />
      )}
      {view.rotations.length > 1 && (
        <label className={css.select}>
          <span className="unseen">Rotation</span>
          <select
            value={query.rotation ?? ''}
            onChange={(event) => onChange({ rotation: event.target.value === '' ? null : event.target.value })}
          >
            <option value="">every rotation</option>
            {view.rotations.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className={css.begin}>
        {mayOverride && (
          <Button
            kind="main"
            onClick={() => begin({ kind: 'override', rotation: query.rotation, layer: null, from: null, to: null })}
          >
            Override…
          </Button>
        )}
        {view.me !== null && <Button onClick={() => begin({ kind: 'feeds' })}>Calendar feeds…</Button>}
        {view.mayManage && <Button onClick={() => begin({ kind: 'import' })}>Import…</Button>}
      </span>
    </search>
  )
}

function Tabs<T extends string>({
  legend,
  values,
  words,
  value,
  onChange,
}: {
  legend: string
  values: readonly T[]
  words: Readonly<Record<T, string>>
  value: T
  onChange: (value: T) => void
}) {
  return (
    <fieldset className={css.tabs}>
      <legend className="unseen">{legend}</legend>
      {values.map((one) => (
        <button key={one} type="button" className={css.tab} aria-pressed={value === one} onClick={() => onChange(one)}>
          {words[one]}
        </button>
      ))}
    </fieldset>
  )
}
