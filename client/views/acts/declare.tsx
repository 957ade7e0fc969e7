import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { settableFlags, type Tier } from '#shared/incident/state.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextArea, TextField } from '../../widgets/controls/field.tsx'
import { flagWord } from '../../widgets/marks/marks.tsx'
import { useApp } from '../context.ts'
import css from './acts.module.css'
import { TierChoice } from './axes.tsx'
import { Failure } from './failure.tsx'
import { useDraft } from './use-act.ts'

const declaredSchema = z.looseObject({ incidentId: z.string().optional(), id: z.string().optional() })

const impactFlags = settableFlags.filter((flag) => flag !== 'restricted')

interface Draft {
  title: string
  service: string
  description: string
  tier: Tier | null
  flags: (typeof settableFlags)[number][]
  /** Of the command: the same draft sent twice declares once. */
  id: string
}

/** A person reports what no machine has seen. */
export function DeclareDialog() {
  const { act, api, announcer } = useApp()
  const [, go] = useLocation()
  const [draft, setDraft] = useDraft<Draft>('declare', () => ({
    title: '',
    service: '',
    description: '',
    tier: null,
    flags: [],
    id: crypto.randomUUID(),
  }))
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const isRestricted = draft.flags.includes('restricted')

  async function declare(): Promise<void> {
    setBusy(true)
    setError(null)
    const { id, tier, flags } = draft
    const service = draft.service.trim() === '' ? null : draft.service.trim()
    const answer = await api.ask('POST', '/api/incidents', declaredSchema, {
      id,
      tier,
      flags,
      service,
      title: draft.title.trim(),
      description: draft.description.trim(),
    })
    setBusy(false)
    if (!answer.ok) return setError(answer.error)
    act.drafts.delete('declare')
    act.end()
    const made = answer.value.incidentId ?? answer.value.id ?? null
    announcer.say({
      tone: 'done',
      text: made === null ? 'Declared.' : `${made} is declared, ${isRestricted ? 'restricted, ' : ''}and unowned.`,
      incidentId: made,
      offers: made === null ? [] : ['claim'],
    })
    if (made !== null) go(`/incident/${made}`)
  }

  return (
    <Dialog
      open
      onClose={act.end}
      title="Declare an incident"
      lead={`Say what people feel. It stands on ${
        isRestricted ? 'the boards of those who may see it' : 'every board'
      } at once.`}
      initialFocus={field}
    >
      <FormShell
        button={draft.tier === null ? 'Declare, to be classified' : `Declare as Tier ${draft.tier}`}
        disabled={busy || draft.title.trim() === ''}
        trouble={<Failure error={error} summary={null} />}
        onSubmit={() => {
          void declare()
        }}
        onCancel={act.end}
      >
        <TextField
          ref={field}
          label="What is wrong"
          value={draft.title}
          maxLength={200}
          required
          autoComplete="off"
          onChange={(event) => set({ title: event.target.value })}
        />
        <TextArea
          label="What is known (may stay empty)"
          value={draft.description}
          maxLength={2000}
          onChange={(event) => set({ description: event.target.value })}
        />
        <TextField
          label="Service (may stay empty)"
          value={draft.service}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => set({ service: event.target.value })}
        />
        <TierChoice name="declare" value={draft.tier} onChange={(tier) => set({ tier })} />
        <fieldset className={css.checks}>
          <legend className="unseen">Impact</legend>
          {impactFlags.map((flag) => (
            <label key={flag} className={css.check}>
              <input
                type="checkbox"
                checked={draft.flags.includes(flag)}
                onChange={(event) =>
                  set({
                    flags: event.target.checked ? [...draft.flags, flag] : draft.flags.filter((one) => one !== flag),
                  })
                }
              />{' '}
              {flagWord(flag)}
            </label>
          ))}
        </fieldset>
        <label className={css.aside}>
          <input
            type="checkbox"
            checked={isRestricted}
            aria-describedby="declare-restricted"
            onChange={(event) =>
              set({
                flags: event.target.checked
                  ? [...draft.flags, 'restricted']
                  : draft.flags.filter((one) => one !== 'restricted'),
              })
            }
          />
          <span>
            <b>Restricted</b>
            <br />
            <span className="dim" id="declare-restricted">
              Only commanders, whoever is on call for it, you, and who is added to it see it; messages say only its
              number.
            </span>
          </span>
        </label>
      </FormShell>
    </Dialog>
  )
}
