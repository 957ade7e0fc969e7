import { type KeyboardEvent, useRef, useState } from 'react'
import type { AlertView } from '#shared/wire.ts'
import { plus } from '../../../state/fact-words.ts'
import { ageWords } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { useNow } from '../../context.ts'
import css from './merge.module.css'

/** Every word must be in its title, its labels or its source. */
function fits(alert: AlertView, words: readonly string[]): boolean {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`)
  const hay = [alert.title, alert.source.name, alert.status, ...labels].join(' ').toLowerCase()
  return words.every((word) => hay.includes(word))
}

/**
 * Alerts of an incident with a box each. Arrow keys move, Space chooses, Shift with an arrow or a click chooses what is
 * between; what was chosen stays chosen while the words hide it.
 */
export function AlertPicker({
  alerts,
  chosen,
  onChange,
}: {
  alerts: readonly AlertView[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  const now = useNow()
  const [text, setText] = useState('')
  const last = useRef<number | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = alerts.filter((alert) => fits(alert, words))
  const isChosen = new Set(chosen)
  const hidden = chosen.length - shown.filter(({ id }) => isChosen.has(id)).length

  function set(ids: readonly string[], on: boolean): void {
    const next = on ? [...chosen, ...ids.filter((id) => !isChosen.has(id))] : chosen.filter((id) => !ids.includes(id))
    onChange(next)
  }
  function toggle(index: number, between: boolean): void {
    const alert = shown[index]
    if (alert === undefined) return
    const on = !isChosen.has(alert.id)
    const from = between && last.current !== null ? last.current : index
    const span = shown.slice(Math.min(from, index), Math.max(from, index) + 1)
    set(
      span.map(({ id }) => id),
      on,
    )
    last.current = index
  }
  function onKey(event: KeyboardEvent<HTMLInputElement>, index: number): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const boxes = list.current?.querySelectorAll('input')
    const next = boxes?.[index + step]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    next.focus()
    const reached = shown[index + step]
    if (!event.shiftKey || reached === undefined) return
    const here = shown[index]
    set([...(here === undefined ? [] : [here.id]), reached.id], true)
    last.current = index + step
  }

  return (
    <fieldset className={css.alerts}>
      <legend>
        Alerts{' '}
        <span className="dim">
          {chosen.length === 0 ? 'none chosen' : `${chosen.length} of ${alerts.length} chosen`}
        </span>
      </legend>
      <div className={css.alertTools}>
        <input
          className={css.find}
          type="search"
          aria-label="Show alerts with these words"
          placeholder="title, label=value, firing"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            last.current = null
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.preventDefault()
            if (event.key !== 'ArrowDown') return
            event.preventDefault()
            list.current?.querySelector('input')?.focus()
          }}
        />
        <Button
          onClick={() =>
            set(
              shown.map(({ id }) => id),
              true,
            )
          }
          disabled={shown.every(({ id }) => isChosen.has(id))}
        >
          {words.length === 0 ? 'All' : `All ${shown.length} shown`}
        </Button>
        <Button kind="quiet" onClick={() => onChange([])} disabled={chosen.length === 0}>
          None
        </Button>
      </div>
      <ul ref={list} className={css.alertList}>
        {shown.map((alert, index) => (
          <li key={alert.id}>
            <label className={alert.status === 'resolved' ? css.ended : undefined}>
              <input
                type="checkbox"
                checked={isChosen.has(alert.id)}
                onChange={(event) => toggle(index, (event.nativeEvent as MouseEvent).shiftKey === true)}
                onKeyDown={(event) => onKey(event, index)}
              />
              <span className={css.optionText}>
                <span>{alert.title}</span>
                <span className="dimmer">{labelsOf(alert)}</span>
              </span>
              <span className="dim">
                {alert.status === 'firing' ? ageWords(now - Date.parse(alert.startsAt)) : 'ended'}
              </span>
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className="dim">No alert has these words.</li>}
      </ul>
      {hidden > 0 && <p className="dim">{plus(hidden, 'chosen alert')} hidden by the words above.</p>}
    </fieldset>
  )
}

/** What tells alerts of one title apart. */
function labelsOf(alert: AlertView): string {
  const plain = new Set(['alertname', 'severity'])
  return Object.entries(alert.labels)
    .filter(([name]) => !plain.has(name))
    .slice(0, 4)
    .map(([name, value]) => `${name}=${value}`)
    .join('  ')
}
