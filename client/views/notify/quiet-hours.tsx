import { useId } from 'react'
import type { Preferences, Quiet } from '#shared/notify/preferences.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import css from './notify.module.css'

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const nights: Quiet = { days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }

/** When I want to be left alone, and what comes through nevertheless. */
export function QuietHours({
  draft,
  onChange,
  zoneIsRight,
}: {
  draft: Preferences
  onChange: (part: Partial<Preferences>) => void
  zoneIsRight: boolean
}) {
  const zones = useId()
  const { quiet } = draft
  const set = (index: number, part: Partial<Quiet>) =>
    onChange({ quiet: quiet.map((span, at) => (at === index ? { ...span, ...part } : span)) })
  return (
    <section className={css.part} aria-labelledby="quiet">
      <h2 id="quiet">Quiet hours</h2>
      <p className="dim">
        What comes then waits until they end, and is not sent if it is over by then. Tier 1 and what is offered to me
        come at once all the same.
      </p>
      {quiet.map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a span has no name but its place
        <div className={css.span} key={index}>
          <fieldset className={css.tiers}>
            <legend className="unseen">Days of quiet hours {index + 1}</legend>
            {days.map((day, at) => (
              <label key={day}>
                <input
                  type="checkbox"
                  checked={span.days.includes(at + 1)}
                  onChange={(event) =>
                    set(index, {
                      days: days.flatMap((_, n) =>
                        (n === at ? event.target.checked : span.days.includes(n + 1)) ? [n + 1] : [],
                      ),
                    })
                  }
                />
                {day}
              </label>
            ))}
          </fieldset>
          <div className={css.times}>
            <TextField
              label="From"
              type="time"
              required
              value={span.from}
              onChange={(event) => set(index, { from: event.target.value })}
            />
            <TextField
              label={span.to <= span.from ? 'Until, the next day' : 'Until'}
              type="time"
              required
              value={span.to}
              onChange={(event) => set(index, { to: event.target.value })}
            />
            <Button onClick={() => onChange({ quiet: quiet.filter((_, at) => at !== index) })}>Remove</Button>
          </div>
        </div>
      ))}
      <div className={css.times}>
        {quiet.length < 7 && <Button onClick={() => onChange({ quiet: [...quiet, nights] })}>Add quiet hours</Button>}
      </div>
      <div className={css.zone}>
        <TextField
          label="My time zone"
          list={zones}
          value={draft.zone}
          error={zoneIsRight ? null : 'There is no such zone; write one as Europe/Berlin'}
          onChange={(event) => onChange({ zone: event.target.value })}
        />
        <datalist id={zones}>
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      {quiet.length > 0 && (
        <label className={css.way}>
          <input
            type="checkbox"
            checked={draft.quietForUrgent}
            onChange={(event) => onChange({ quietForUrgent: event.target.checked })}
          />
          <span>Hold back Tier 1 and offers, too</span>
        </label>
      )}
      {quiet.length > 0 && draft.quietForUrgent && (
        <Trouble>
          In quiet hours nothing at all reaches you then. An offer ends without your answer, and a Tier 1 waits for
          whoever is next.
        </Trouble>
      )}
    </section>
  )
}
