import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { ErrorBody } from '#shared/errors.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { alertsWords, plus } from '../../../state/fact-words.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../../widgets/controls/field.tsx'
import { TierGlyph, tierWord } from '../../../widgets/marks/tier-glyph.tsx'
import { useApp } from '../../context.ts'
import { proposedToStay } from './likely.ts'
import css from './merge.module.css'

/** Several chosen incidents become one: choose which of them stays. Each merge is an act of its own and can be undone alone. */
export function MergeSeveralDialog() {
  const { act, board } = useApp()
  const chosen = useStore(act.store, (state) => state.chosen)
  const incidents = useStore(board, (state) => state.incidents)
  const field = useRef<HTMLInputElement>(null)
  const several = [...chosen].flatMap((id) => incidents.get(id) ?? []).filter(({ phase }) => isOpen(phase))
  const [wanted, setWanted] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<{ id: string; error: ErrorBody } | null>(null)
  const stays =
    several.find(({ id }) => id === wanted) ??
    (several.length === 0 ? undefined : several.find(({ id }) => id === proposedToStay(several)))
  const ends = several.filter((summary) => summary !== stays)

  async function merge(into: string, others: readonly Summary[]): Promise<void> {
    setBusy(true)
    setRefused(null)
    const words = reason.trim()
    for (const { id } of others) {
      const command = { type: 'merge' as const, into, ...(words !== '' && { reason: words }) }
      const outcome = await act.send(id, command, `${id} is merged into ${into}.`)
      if (!outcome.ok) {
        setBusy(false)
        return setRefused({ id, error: outcome.error })
      }
      act.choose(id, false)
    }
    act.choose(into, false)
    act.end()
  }

  return (
    <Dialog
      open
      wide
      onClose={act.end}
      title={`Merge ${plus(several.length, 'incident')} into one`}
      lead="Choose the one that goes on. The others end as merged; their alerts, and later ones too, go to it."
      initialFocus={field}
    >
      <FormShell
        button={
          stays === undefined || ends.length === 0
            ? 'Nothing is left to merge'
            : `Merge ${ends.length === 1 ? ends[0]?.id : `the other ${ends.length}`} into ${stays.id}`
        }
        disabled={busy || stays === undefined || ends.length === 0}
        trouble={
          refused !== null && (
            <Trouble>
              <p>
                {refused.id} was not merged: {refused.error.message}
              </p>
              <p className="dim">
                What was merged before it stays merged. Take {refused.id} out of the choice to go on.
              </p>
            </Trouble>
          )
        }
        onSubmit={() => {
          if (stays !== undefined) void merge(stays.id, ends)
        }}
        onCancel={act.end}
      >
        <fieldset className={css.choices}>
          <legend>Which one goes on</legend>
          {several.map((summary) => (
            <div key={summary.id} className={css.choice}>
              <label>
                <input
                  ref={summary === stays ? field : undefined}
                  type="radio"
                  name="stays"
                  checked={summary === stays}
                  onChange={() => setWanted(summary.id)}
                />
                <TierGlyph tier={summary.tier} size={24} word={false} />
                <span className={css.optionText}>
                  <b>{summary.title}</b>
                  <span className="dim">
                    <span className="unseen">{tierWord(summary.tier)}, </span>
                    {summary.id} · {summary.service ?? 'no service'} · {summary.owner?.name ?? 'unowned'} ·{' '}
                    {alertsWords(summary.alerts)}
                  </span>
                </span>
              </label>
              <button
                type="button"
                className={css.leaveOut}
                onClick={() => act.choose(summary.id, false)}
                aria-label={`Leave ${summary.id} out`}
              >
                ✕
              </button>
            </div>
          ))}
        </fieldset>
        {stays !== undefined && ends.length > 0 && (
          <p className="dim">
            {stays.owner === null
              ? `Nobody owns ${stays.id}; it waits to be claimed.`
              : `${stays.owner.name} stays the owner.`}{' '}
            Owners of the others assist. The gravest tier and all flags are kept.
            {several.some(({ flags }) => flags.includes('restricted')) &&
              ` One of them is restricted, and ${stays.id} is from then on: whoever has no part in it and is not on call for it loses sight of it.`}
          </p>
        )}
        <ReasonField
          optional
          hint="What shows that they are one; it stands in every timeline"
          value={reason}
          onSay={setReason}
        />
      </FormShell>
    </Dialog>
  )
}
