import { useCallback, useMemo } from 'react'
import { useStore } from 'zustand'
import { useApp } from '../context.ts'
import { teamsOf, useTote } from './follow.ts'
import { countWords, readinessLine } from './words.ts'

const minuteMs = 60_000

/**
 * How ready whoever something could be offered to is, in a few words: of a person (`Engaged, 22 min, owns 1`) or of
 * `team:<id>` (`2 ready, 1 engaged`). Empty where that is not known. Changes at most once a minute by time alone, so that a
 * list that shows it does not tick.
 */
export function useReadinessLine(): (to: string) => string {
  const tote = useTote()
  const { now } = useApp()
  const minute = useStore(now, ({ at }) => at - (at % minuteMs))
  const teams = useMemo(() => new Map(teamsOf(tote).map((view) => [`team:${view.team.id}`, view])), [tote])
  return useCallback(
    (to) => {
      const team = teams.get(to)
      if (team !== undefined) return team.unready ? 'nobody could be asked now' : countWords(team.counts)
      const person = tote.people.get(to)
      return person === undefined ? '' : readinessLine(person, minute)
    },
    [tote, teams, minute],
  )
}

/** Receivers to choose from, each with how ready they are behind why they stand where they stand. */
export function withReadiness<R extends { id: string; note: string }, G extends { items: readonly R[] }>(
  groups: readonly (G & { items: readonly R[] })[],
  lineOf: (to: string) => string,
): (G & { items: R[] })[] {
  return groups.map((group) => ({
    ...group,
    items: group.items.map((one) => ({ ...one, note: [one.note, lineOf(one.id)].filter(Boolean).join(' · ') })),
  }))
}
