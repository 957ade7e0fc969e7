import { SelectField, TextField } from '../../widgets/controls/field.tsx'
import { dayOf, monthlyWays, type RecurrenceDraft, type Rhythm, rhythms, weekdays } from './recurring.ts'
import css from './silences.module.css'

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const units = { daily: 'days', weekly: 'weeks', monthly: 'months' } as const

/** Once, or how it comes again. */
export function RhythmChoice({ rhythm, onChange }: { rhythm: Rhythm; onChange: (rhythm: Rhythm) => void }) {
  return (
    <fieldset className={css.rhythm}>
      <legend>When it comes</legend>
      <div className={css.spans}>
        {rhythms.map(([key, name]) => (
          <button key={key} type="button" aria-pressed={rhythm === key} onClick={() => onChange(key)}>
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

/** What a recurrence asks besides how long each time lasts. */
export function RecursFields({
  draft,
  faults,
  onChange,
}: {
  draft: RecurrenceDraft
  /** By the field's name as the server has it. */
  faults: (field: 'rrule' | 'starts' | 'timeZone') => string | null
  onChange: (draft: RecurrenceDraft) => void
}) {
  const { rhythm } = draft
  const set = (more: Partial<RecurrenceDraft>) => onChange({ ...draft, ...more })
  const day = dayOf(draft.starts)?.weekday
  return (
    <>
      {rhythm === 'rule' && (
        <TextField
          label="iCalendar rule (RFC 5545)"
          required
          autoComplete="off"
          spellCheck={false}
          className={css.code ?? ''}
          error={faults('rrule')}
          value={draft.rule}
          onChange={(event) => set({ rule: event.target.value })}
          hint="For example FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1: the last working day of each month."
        />
      )}
      {rhythm === 'weekly' && (
        <fieldset className={css.days} aria-label="On these days">
          {weekdays.map(([key, name]) => {
            const isOn = draft.days.includes(key) || (draft.days.length === 0 && key === day)
            return (
              <button
                key={key}
                type="button"
                aria-pressed={isOn}
                onClick={() => {
                  const chosen = draft.days.length === 0 && day !== undefined ? [day] : draft.days
                  set({ days: isOn ? chosen.filter((each) => each !== key) : [...chosen, key] })
                }}
              >
                {name}
              </button>
            )
          })}
        </fieldset>
      )}
      {rhythm === 'monthly' && (
        <SelectField
          label="In the month"
          value={draft.monthly}
          onChange={(event) => set({ monthly: event.target.value as RecurrenceDraft['monthly'] })}
        >
          {monthlyWays(draft.starts).map(([way, words]) => (
            <option key={way} value={way}>
              {words}
            </option>
          ))}
        </SelectField>
      )}
      <div className={css.pair}>
        <TextField
          label="First begins at"
          type="datetime-local"
          required
          error={faults('starts')}
          value={draft.starts}
          onChange={(event) => set({ starts: event.target.value })}
        />
        <TextField
          label="by the clock of"
          required
          autoComplete="off"
          spellCheck={false}
          list="time-zones"
          error={faults('timeZone')}
          value={draft.timeZone}
          onChange={(event) => set({ timeZone: event.target.value })}
        />
        <datalist id="time-zones">
          {zones.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      {rhythm !== 'rule' && (
        <div className={css.pair}>
          <TextField
            label={`Every so many ${units[rhythm]}`}
            inputMode="numeric"
            required
            value={draft.every}
            onChange={(event) => set({ every: event.target.value })}
          />
          <SelectField
            label="Ends"
            value={draft.ends}
            onChange={(event) => set({ ends: event.target.value as RecurrenceDraft['ends'] })}
            hint={draft.ends === 'year' ? 'Then it is to be made again, if it is still wanted.' : undefined}
          >
            <option value="year">after a year</option>
            <option value="date">after a day…</option>
            <option value="count">after so many times…</option>
          </SelectField>
          {draft.ends === 'date' && (
            <TextField
              label="Last day"
              type="date"
              required
              error={draft.until === '' ? 'Choose its last day' : faults('rrule')}
              value={draft.until}
              onChange={(event) => set({ until: event.target.value })}
            />
          )}
          {draft.ends === 'count' && (
            <TextField
              label="How many times"
              inputMode="numeric"
              required
              error={faults('rrule')}
              value={draft.count}
              onChange={(event) => set({ count: event.target.value })}
            />
          )}
        </div>
      )}
    </>
  )
}
