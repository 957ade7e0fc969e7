import { useCallback, useEffect, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { type PersonView, personViewSchema, type TeamView, teamViewSchema } from '#shared/wire.ts'
import type { CommandInput } from '../../link/command-input.ts'
import type { Done } from '../../state/act.ts'
import { useApp } from '../context.ts'

/** Sends one command from a dialog: busy meanwhile, the refusal beside the words, closed when it is done. */
export function useSend(incidentId: string) {
  const { act } = useApp()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const send = useCallback(
    (command: CommandInput, done: Done, draft?: string) => {
      setBusy(true)
      setError(null)
      void act.send(incidentId, command, done).then((outcome) => {
        setBusy(false)
        if (!outcome.ok) return setError(outcome.error)
        if (draft !== undefined) act.drafts.delete(draft)
        act.end()
      })
    },
    [act, incidentId],
  )
  return { busy, error, send }
}

/** State that outlives its dialog until it was sent. */
export function useDraft<T>(key: string, first: () => T): [T, (next: T) => void] {
  const { drafts } = useApp().act
  const [value, setValue] = useState<T>(() => (drafts.has(key) ? (drafts.get(key) as T) : first()))
  return [
    value,
    (next) => {
      drafts.set(key, next)
      setValue(next)
    },
  ]
}

const peopleSchema = z.object({ people: z.array(personViewSchema), teams: z.array(teamViewSchema) })

/** Whom something can be handed to. `people` is null until the names are here. */
export interface Everybody {
  people: readonly PersonView[] | null
  teams: readonly TeamView[]
  error: ErrorBody | null
}

/** Everybody's names and the teams, for choosing whom. */
export function usePeople(): Everybody {
  const { api } = useApp()
  const [state, setState] = useState<Everybody>({ people: null, teams: [], error: null })
  useEffect(() => {
    let gone = false
    void api.ask('GET', '/api/people', peopleSchema).then((answer) => {
      if (!gone)
        setState(answer.ok ? { ...answer.value, error: null } : { people: null, teams: [], error: answer.error })
    })
    return () => {
      gone = true
    }
  }, [api])
  return state
}

/** Those who may own an incident, by name. */
export function responders(people: readonly PersonView[], except: readonly (string | undefined)[]): PersonView[] {
  return people
    .filter((person) => !person.disabled && !person.invited && !except.includes(person.id))
    .filter((person) => person.roles.includes('responder') || person.roles.includes('commander'))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}
