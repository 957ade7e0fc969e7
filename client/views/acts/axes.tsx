import { useState } from 'react'
import { z } from 'zod'
import {
  type Phase,
  phases,
  type settableFlags,
  type Tier,
  tierDefinitions,
  tierSchema,
} from '#shared/incident/state.ts'
import { phaseMeanings, skipped } from '#shared/phase-demands.ts'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField } from '../../widgets/controls/field.tsx'
import { flagWord } from '../../widgets/marks/marks.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useAsked, useIncident } from '../context.ts'
import { Demands } from '../incident/phase/demands.tsx'
import css from './acts.module.css'
import { Failure } from './failure.tsx'
import { useSend } from './use-act.ts'

const tiers: readonly Tier[] = [1, 2, 3]

const tiersSchema = z.object({
  tiers: z.array(z.object({ tier: tierSchema, label: z.string(), definition: z.string() })),
})

/** The tiers with what they mean: wherever one is chosen, the definitions are in view. */
export function TierChoice({
  value,
  onChange,
  name,
}: {
  value: Tier | null
  onChange: (tier: Tier) => void
  name: string
}) {
  // What the house calls them; until that is here, what they are called everywhere.
  const { value: named } = useAsked('/api/tiers', tiersSchema)
  const called = (one: Tier) => named?.tiers.find(({ tier }) => tier === one)
  return (
    <fieldset className={css.tiers}>
      <legend className="unseen">Tier</legend>
      {tiers.map((tier) => (
        <label key={tier} className={css.tier}>
          <input type="radio" name={name} checked={value === tier} onChange={() => onChange(tier)} />
          <TierGlyph tier={tier} size={34} word={false} />
          <span>
            <b>{called(tier)?.label ?? tierDefinitions[tier].label}</b>
            <br />
            <span className="dim">{called(tier)?.definition ?? tierDefinitions[tier].definition}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

export function ClassifyDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const [tier, setTier] = useState<Tier | null>(summary.tier)
  const [reason, setReason] = useState('')
  const { busy, error, send } = useSend(summary.id)
  const same = tier === summary.tier
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Classify ${summary.id}`}
      lead={`${summary.title}. The owner stays the same.`}
    >
      <FormShell
        button={tier === null ? 'Choose a tier' : same ? `It is Tier ${tier} already` : `Set Tier ${tier}`}
        disabled={busy || tier === null || same || reason.trim() === ''}
        trouble={<Failure error={error} summary={summary} />}
        more={<Button onClick={() => act.begin('dismiss', summary.id)}>Not an incident…</Button>}
        onSubmit={() => {
          if (tier !== null) send({ type: 'classify', tier, reason: reason.trim() }, `${summary.id} is Tier ${tier}.`)
        }}
        onCancel={act.end}
      >
        <TierChoice name="classify" value={tier} onChange={setTier} />
        <ReasonField
          hint={summary.tier === null ? 'What makes it this tier' : 'What has changed'}
          value={reason}
          onSay={setReason}
        />
      </FormShell>
    </Dialog>
  )
}

const choosable = phases.filter((phase) => phase !== 'dismissed' && phase !== 'merged')
type Choosable = Exclude<Phase, 'dismissed' | 'merged'>

export function PhaseDialog({ summary, to }: { summary: Summary; to?: Choosable }) {
  const { act } = useApp()
  const at = phases.indexOf(summary.phase)
  const [phase, setPhase] = useState<Choosable | null>(
    to ?? choosable[choosable.indexOf(summary.phase as Choosable) + 1] ?? null,
  )
  const [reason, setReason] = useState('')
  const { busy, error, send } = useSend(summary.id)
  const { view } = useIncident(summary.id)
  const left = phase === null ? [] : skipped(summary.phase, phase)
  const back = phase !== null && phases.indexOf(phase) < at
  const words = reason.trim()
  return (
    <Dialog
      open
      onClose={act.end}
      title={to === 'resolved' ? `Resolve ${summary.id}` : `Phase of ${summary.id}`}
      lead={
        to === 'resolved'
          ? summary.alerts.firing > 0
            ? `${summary.alerts.firing} alerts still fire. An open offer is withdrawn.`
            : 'All its alerts have ended.'
          : 'Skipping ahead is allowed; going back needs a reason.'
      }
    >
      <FormShell
        button={to === 'resolved' ? 'Resolve' : phase === null ? 'Choose a phase' : `Move to ${phase}`}
        disabled={busy || phase === null || (back && words === '')}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          if (phase !== null)
            send({ type: 'set-phase', phase, ...(words !== '' && { reason: words }) }, `${summary.id} is ${phase}.`)
        }}
        onCancel={act.end}
      >
        {to === undefined && (
          <fieldset className={css.phases}>
            <legend className="unseen">Phase</legend>
            {(choosable as readonly Choosable[]).map((one) => (
              <label key={one} className={css.phase}>
                <input
                  type="radio"
                  name="phase"
                  checked={phase === one}
                  disabled={one === summary.phase}
                  onChange={() => setPhase(one)}
                />
                <b>{one}</b>
                <span className="dim">{one === summary.phase ? 'now' : phaseMeanings[one]}</span>
              </label>
            ))}
          </fieldset>
        )}
        {phase !== null && view !== null && (
          <section aria-label={`What ${phase} asks for`}>
            <h3 className="caps">{phase} asks for</h3>
            <Demands view={view} phase={phase} meaning={to !== undefined} />
          </section>
        )}
        {left.length > 0 && (
          <p className="dim">Leaves out {left.join(', ')}. That is allowed, and the timeline shows it.</p>
        )}
        <ReasonField
          optional={!back}
          hint={back ? `Why it goes back from ${summary.phase}` : undefined}
          value={reason}
          onSay={setReason}
        />
      </FormShell>
    </Dialog>
  )
}

type Settable = (typeof settableFlags)[number]
const flagMeanings: readonly [Settable, string][] = [
  ['security', 'an attack, or a weakness that could be used'],
  ['personal-data', 'data about people may be lost, changed or seen'],
  ['customers', 'customers feel it'],
]

export function FlagsDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { busy, error, send } = useSend(summary.id)
  return (
    <Dialog open onClose={act.end} title={`Impact of ${summary.id}`} lead="Flags are independent of tier and phase.">
      <ul className={css.flags}>
        {flagMeanings.map(([flag, meaning]) => {
          const on = summary.flags.includes(flag)
          return (
            <li key={flag}>
              <span>
                <b>{flagWord(flag)}</b>
                <br />
                <span className="dim">{meaning}</span>
              </span>
              <Button
                aria-pressed={on}
                disabled={busy}
                onClick={() =>
                  send(
                    { type: 'flag', flag, on: !on },
                    `${on ? 'Cleared' : 'Set'}: ${flagWord(flag)} on ${summary.id}.`,
                  )
                }
              >
                {on ? 'Clear' : 'Set'}
              </Button>
            </li>
          )
        })}
      </ul>
      <Failure error={error} summary={summary} />
    </Dialog>
  )
}
