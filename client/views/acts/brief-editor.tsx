import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { BriefInput } from '#shared/incident/brief.ts'
import type { Tier } from '#shared/incident/state.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { SelectField, TextArea, TextField } from '../../widgets/controls/field.tsx'
import css from './acts.module.css'

type Rows<K extends keyof BriefInput> = NonNullable<BriefInput[K]>

/** Every part of a brief, in the order in which it is read. Limits keep it to one screen. */
export function BriefEditor({
  brief,
  tier,
  onChange,
}: {
  brief: BriefInput
  tier: Tier | null
  onChange: (brief: BriefInput) => void
}) {
  const set = (part: Partial<BriefInput>) => onChange({ ...brief, ...part })
  return (
    <div className={css.editor}>
      <TextArea
        label="Situation and impact now"
        value={brief.situation}
        maxLength={280}
        required
        onChange={(event) => set({ situation: event.target.value })}
      />
      <div className={css.pair}>
        <SelectField
          label="Trend"
          value={brief.trend ?? 'unknown'}
          onChange={(event) => set({ trend: event.target.value as Rows<'trend'> })}
        >
          <option value="worse">getting worse</option>
          <option value="steady">steady</option>
          <option value="better">getting better</option>
          <option value="unknown">unknown</option>
        </SelectField>
        <SelectField
          label="How sure"
          value={brief.confidence ?? 'unsure'}
          onChange={(event) => set({ confidence: event.target.value as Rows<'confidence'> })}
        >
          <option>unsure</option>
          <option>fairly sure</option>
          <option>sure</option>
        </SelectField>
      </div>

      <RowList
        title="Next actions"
        most={7}
        rows={brief.actions ?? []}
        fresh={{ text: '' }}
        onChange={(actions) => set({ actions })}
        render={(action, change) => (
          <>
            <TextField
              label="Action"
              value={action.text}
              maxLength={200}
              onChange={(event) => change({ ...action, text: event.target.value })}
            />
            <SelectField
              label="State"
              value={action.state ?? 'open'}
              onChange={(event) => change({ ...action, state: event.target.value as 'open' | 'in flight' | 'done' })}
            >
              <option>open</option>
              <option>in flight</option>
              <option>done</option>
            </SelectField>
            <label className={css.check}>
              <input
                type="checkbox"
                checked={action.irreversible ?? false}
                onChange={(event) => change({ ...action, irreversible: event.target.checked })}
              />{' '}
              irreversible
            </label>
          </>
        )}
      />
      <RowList
        title="If … then"
        most={3}
        rows={brief.contingencies ?? []}
        fresh={{ if: '', do: '' }}
        onChange={(contingencies) => set({ contingencies })}
        render={(one, change) => (
          <>
            <TextField
              label="If"
              value={one.if}
              maxLength={140}
              onChange={(event) => change({ ...one, if: event.target.value })}
            />
            <TextField
              label="then"
              value={one.do}
              maxLength={140}
              onChange={(event) => change({ ...one, do: event.target.value })}
            />
          </>
        )}
      />
      {tier !== 3 && (brief.contingencies ?? []).length === 0 && (
        <TextField
          label="…or why there is none"
          value={brief.noContingencyBecause ?? ''}
          maxLength={140}
          onChange={(event) => set({ noContingencyBecause: event.target.value })}
        />
      )}
      <details className={css.rest} open={hasMore(brief)}>
        <summary>What is known, ruled out, suspected, promised, not to be touched</summary>
        <div className={css.editor}>
          <LineList title="Known and done" most={5} lines={brief.done ?? []} onChange={(done) => set({ done })} />
          <LineList
            title="Ruled out"
            most={3}
            lines={brief.ruledOut ?? []}
            onChange={(ruledOut) => set({ ruledOut })}
          />
          <RowList
            title="Suspected"
            most={3}
            rows={brief.hypotheses ?? []}
            fresh={{ text: '', confidence: 'unsure' as const }}
            onChange={(hypotheses) => set({ hypotheses })}
            render={(one, change) => (
              <>
                <TextField
                  label="Cause"
                  value={one.text}
                  maxLength={200}
                  onChange={(event) => change({ ...one, text: event.target.value })}
                />
                <SelectField
                  label="How sure"
                  value={one.confidence}
                  onChange={(event) => change({ ...one, confidence: event.target.value as typeof one.confidence })}
                >
                  <option>unsure</option>
                  <option>fairly sure</option>
                  <option>sure</option>
                </SelectField>
              </>
            )}
          />
          <LineList
            title="Promised: next update, to whom"
            most={5}
            lines={brief.promises ?? []}
            onChange={(promises) => set({ promises })}
          />
          <TextArea
            label="Constraints, do not touch"
            rows={2}
            value={brief.constraints ?? ''}
            maxLength={280}
            onChange={(event) => set({ constraints: event.target.value })}
          />
        </div>
      </details>
    </div>
  )
}

function hasMore(brief: BriefInput): boolean {
  return (
    [brief.done, brief.ruledOut, brief.hypotheses, brief.promises].some((rows) => (rows ?? []).length > 0) ||
    (brief.constraints ?? '') !== ''
  )
}

function RowList<T>({
  title,
  most,
  rows,
  fresh,
  onChange,
  render,
}: {
  title: string
  most: number
  rows: readonly T[]
  fresh: T
  onChange: (rows: T[]) => void
  render: (row: T, change: (next: T) => void) => ReactNode
}) {
  const box = useRef<HTMLFieldSetElement>(null)
  const [added, setAdded] = useState(0)
  const blank = JSON.stringify(rows.at(-1)) === JSON.stringify(fresh)
  // A new row is there to be written in; so is one that is still blank, and one blank row is enough.
  useEffect(() => {
    const fields =
      added === 0 ? undefined : box.current?.querySelectorAll<HTMLInputElement>(`.${css.row} > :first-child input`)
    if (fields !== undefined) [...fields].at(-1)?.focus()
  }, [added])
  const add = () => {
    if (!blank) onChange([...rows, fresh])
    setAdded(added + 1)
  }
  return (
    <fieldset className={css.rows} ref={box}>
      <legend>{title}</legend>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div className={css.row} key={index}>
          {render(row, (next) => onChange(rows.map((one, i) => (i === index ? next : one))))}
          <Button
            kind="quiet"
            aria-label={`Remove ${index + 1} of ${title}`}
            onClick={() => onChange(rows.filter((_, i) => i !== index))}
          >
            ✕
          </Button>
        </div>
      ))}
      {rows.length < most && <Button onClick={add}>Add</Button>}
    </fieldset>
  )
}

function LineList({
  title,
  most,
  lines,
  onChange,
}: {
  title: string
  most: number
  lines: readonly string[]
  onChange: (lines: string[]) => void
}) {
  return (
    <TextArea
      label={title}
      rows={2}
      hint={`One per line, at most ${most}`}
      value={lines.join('\n')}
      onChange={(event) => onChange(event.target.value === '' ? [] : event.target.value.split('\n').slice(0, most))}
    />
  )
}
