import { useEffect, useState } from 'react'
import { z } from 'zod'
import { useApp } from '../../context.ts'
import { useOnBoard } from './merged.tsx'

/** Longer chains are followed by hand. */
const longest = 20

/**
 * Where a chain of merges ends: A was merged into B and B into C, so C has the alerts of A.
 * @param next what an incident is merged into; null: nothing, or it could not be asked
 * @returns the last of the chain, `first` when it is not merged itself; where it goes round in a circle, the last new one
 */
export async function lastOf(first: string, next: (id: string) => Promise<string | null>): Promise<string> {
  const seen = new Set([first])
  let last = first
  while (seen.size < longest) {
    const into = await next(last)
    if (into === null || seen.has(into)) break
    seen.add(into)
    last = into
  }
  return last
}

const mergedIntoSchema = z.object({ summary: z.object({ mergedInto: z.string().optional() }) })

/** The last of the chain that begins with `first`, as far as it is known yet. */
export function useLast(first: string | null): string | null {
  const { api } = useApp()
  const shown = useOnBoard(first)
  // What is on the board is not merged: only of what is not there must the server be asked.
  const asked = shown === undefined ? first : null
  const [found, setFound] = useState<{ first: string; last: string } | null>(null)
  useEffect(() => {
    if (asked === null) return
    let over = false
    const next = async (id: string) => {
      const answer = await api.ask('GET', `/api/incidents/${encodeURIComponent(id)}`, mergedIntoSchema)
      return answer.ok ? (answer.value.summary.mergedInto ?? null) : null
    }
    void lastOf(asked, next).then((last) => {
      if (!over) setFound({ first: asked, last })
    })
    return () => {
      over = true
    }
  }, [api, asked])
  return found !== null && found.first === asked ? found.last : first
}
