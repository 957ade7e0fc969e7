import { useState } from 'react'
import { z } from 'zod'
import { figure, utcMoment } from '../../state/time-words.ts'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useAsked, useToday } from '../context.ts'
import css from './why.module.css'

const originSchema = z.object({
  origin: z.object({
    definition: z.string().nullable(),
    by: z.object({ name: z.string() }),
    at: z.string(),
    joined: z.array(z.object({ rule: z.string(), alerts: z.number(), at: z.string() })),
    corrections: z.array(z.looseObject({ type: z.string(), at: z.string(), by: z.object({ name: z.string() }) })),
  }),
})

/** How an incident came to be what it is: what made it one, what joined its alerts, what was put right later. */
export function OriginMore({ incidentId }: { incidentId: string }) {
  const [open, setOpen] = useState(false)
  return (
    <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Why this is an incident</summary>
      {open && <Origin incidentId={incidentId} />}
    </details>
  )
}

function Origin({ incidentId }: { incidentId: string }) {
  const today = useToday()
  const { value, error } = useAsked(`/api/incidents/${encodeURIComponent(incidentId)}/why`, originSchema)
  if (value === null) return error === null ? <p className="dim">Asking…</p> : <Trouble>{error.message}</Trouble>
  const { definition, by, at, joined, corrections } = value.origin
  const minute = (instant: string) => utcMoment(Date.parse(instant), today)
  return (
    <ul className={css.origin}>
      <li>
        {definition === null
          ? `Declared by ${by.name} at ${minute(at)}.`
          : `Opened at ${minute(at)}: an incident by “${definition}”.`}
      </li>
      {joined.map(({ rule, alerts, at: since }) => (
        <li key={rule}>
          {alerts === 1 ? '1 alert' : `${figure(alerts)} alerts`} by “{rule}”, the first at {minute(since)}.
        </li>
      ))}
      {corrections.map((fact) => (
        <li key={`${fact.type} ${fact.at}`}>
          {correctionWords[fact.type] ?? fact.type} by {fact.by.name} at {minute(fact.at)}.
        </li>
      ))}
    </ul>
  )
}

const correctionWords: Readonly<Record<string, string>> = {
  merged: 'Merged into another incident',
  unmerged: 'Taken out of the one it was merged into',
  'alerts-moved-out': 'Alerts moved to another incident',
  'alerts-moved-in': 'Alerts came from another incident',
  identified: 'Named after what was found to be its root,',
}
