import { useEffect, useMemo, useState } from 'react'
import { z } from 'zod'
import { type RotaNow, rotaNowSchema } from '#shared/duty/view.ts'
import { useApp } from '../context.ts'

/** What Mine reads of `GET /api/rota/now`. */
const answerSchema = z.object({
  rotations: z.array(z.object({ id: z.string(), name: z.string() })),
  teams: z.array(z.object({ id: z.string(), name: z.string() })),
  mine: rotaNowSchema.shape.mine,
})

type Answer = z.output<typeof answerSchema>

export interface Duty {
  mine: RotaNow['mine']
  rotationName: (id: string) => string
  teamName: (id: string) => string
}

const everyMs = 60_000
const unknown: Duty = { mine: null, rotationName: (id) => id, teamName: (id) => id }

function dutyOf({ rotations, teams, mine }: Answer): Duty {
  const nameIn = (list: readonly { id: string; name: string }[]) => (id: string) =>
    list.find((one) => one.id === id)?.name ?? id
  return { mine, rotationName: nameIn(rotations), teamName: nameIn(teams) }
}

/** My shifts, asked again once a minute; without rotations (or without the network) nothing is known, and nothing is said. */
export function useDuty(asking: boolean, beside: Readonly<Record<string, unknown>> | null): Duty {
  const { api, device } = useApp()
  const [answer, setAnswer] = useState<Answer | null>(null)
  useEffect(() => {
    if (!asking) return
    let over = false
    const ask = async () => {
      const answer = await api.ask('GET', '/api/rota/now', answerSchema)
      if (over || !answer.ok) return
      setAnswer(answer.value)
      device.beside('duty', answer.value)
    }
    void ask()
    const timer = setInterval(() => void ask(), everyMs)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [api, device, asking])
  return useMemo(() => {
    if (answer !== null) return dutyOf(answer)
    const kept = answerSchema.safeParse(beside?.duty)
    return kept.success ? dutyOf(kept.data) : unknown
  }, [answer, beside])
}
