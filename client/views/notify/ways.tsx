import { useState } from 'react'
import { Link } from 'wouter'
import { type Grade, grades, type Preferences } from '#shared/notify/preferences.ts'
import type { PersonalKind, TestAnswer, WayView } from '#shared/notify/view.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import css from './notify.module.css'
import { wayNames } from './words.ts'

const gradeWords: Readonly<Record<Grade, string>> = {
  1: 'Tier 1',
  unclassified: 'Unclassified',
  2: 'Tier 2',
  3: 'Tier 3',
}

/** The ways to one person: whether each leads anywhere, what may come by it, and a try. */
export function Ways({
  ways,
  draft,
  onChange,
  onTest,
  saved,
}: {
  ways: readonly WayView[]
  draft: Preferences
  onChange: (part: Partial<Preferences>) => void
  onTest: (kind: PersonalKind) => Promise<TestAnswer>
  /** A test goes by what is saved, so what is not must be first. */
  saved: boolean
}) {
  return (
    <ul className={css.ways}>
      {ways.map((way) => {
        const { kind } = way
        const rule = draft.channels[kind]
        const set = (part: Partial<typeof rule>) =>
          onChange({ channels: { ...draft.channels, [kind]: { ...rule, ...part } } })
        return (
          <li key={kind}>
            <label className={css.way}>
              <input type="checkbox" checked={rule.on} onChange={(event) => set({ on: event.target.checked })} />
              <b>{wayNames[kind]}</b>
              <span className="dim">{way.to ?? ''}</span>
            </label>
            <div className={css.wayMore}>
              {way.why !== null && <p className="dim">{way.why}</p>}
              {kind === 'web-push' && !way.ready && (
                <p>
                  <Link href="/mine">To Mine</Link>
                </p>
              )}
              {kind === 'ntfy' && (
                <TextField
                  label="My topic"
                  hint="Or its whole address at another server. Subscribe to it in the ntfy app. Whoever knows the topic can read it, so choose one that nobody guesses."
                  value={draft.ntfyTopic ?? ''}
                  maxLength={200}
                  autoComplete="off"
                  onChange={(event) => onChange({ ntfyTopic: event.target.value === '' ? null : event.target.value })}
                />
              )}
              {(way.ready || (kind === 'ntfy' && draft.ntfyTopic !== null)) && (
                <>
                  <fieldset className={css.tiers} disabled={!rule.on}>
                    <legend className="unseen">Tiers by {wayNames[kind]}</legend>
                    {grades.map((grade) => (
                      <label key={grade}>
                        <input
                          type="checkbox"
                          checked={rule.tiers.includes(grade)}
                          onChange={(event) =>
                            set({
                              tiers: grades.filter((one) =>
                                one === grade ? event.target.checked : rule.tiers.includes(one),
                              ),
                            })
                          }
                        />
                        {gradeWords[grade]}
                      </label>
                    ))}
                  </fieldset>
                  <Test kind={kind} ready={way.ready && saved} onTest={onTest} />
                </>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

function Test({
  kind,
  ready,
  onTest,
}: {
  kind: PersonalKind
  ready: boolean
  onTest: (kind: PersonalKind) => Promise<TestAnswer>
}) {
  const [answer, setAnswer] = useState<TestAnswer | 'under way' | null>(null)
  return (
    <div className={css.test}>
      <Button
        disabled={!ready || answer === 'under way'}
        onClick={() => {
          setAnswer('under way')
          void onTest(kind).then(setAnswer)
        }}
      >
        Send a test
      </Button>
      <span role="status">
        {answer === 'under way' ? (
          <span className="dim">Sending…</span>
        ) : (
          answer !== null && <span className={answer.delivered ? 'dim' : 'late'}>{answer.detail}</span>
        )}
      </span>
    </div>
  )
}
