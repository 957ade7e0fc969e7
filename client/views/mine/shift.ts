import { useEffect, useState } from 'react'
import { z } from 'zod'
import { type RotaNow, rotaNowSchema } from '#shared/duty/view.ts'
import { useApp } from '../context.ts'

/** What Mine reads of `GET /api/rota/now`. */
const answerSchema = z.object({
  rotations: z.array(z.object({ id: z.string(), name: z.string() })),
  teams: z.array(z.object({ id: z.string(), name: z.string() })),
  mine: rotaNowSchema.shape.mine,
})

export interface Duty {
  mine: RotaNow['mine']
  rotationName: (id: string) => string
  teamName: (id: string) => string
}

const everyMs = 60_000
const unknown: Duty = { mine: null, rotationName: (id) => id, teamName: (id) => id }

/** My shifts, asked again once a minute; without rotations (or without the network) nothing is known, and nothing is said. */
export function useDuty(asking: boolean): Duty {
  const { api } = useApp()
  const [duty, setDuty] = useState<Duty>(unknown)
  useEffect(() => {
    if (!asking) return
    let over = false
    const ask = async () => {
      const answer = await api.ask('GET', '/api/rota/now', answerSchema)
      if (over || !answer.ok) return
      const { rotations, teams, mine } = answer.value
      const nameIn = (list: readonly { id: string; name: string }[]) => (id: string) =>
        list.find((one) => one.id === id)?.name ?? id
      setDuty({ mine, rotationName: nameIn(rotations), teamName: nameIn(teams) })
    }
    void ask()
    const timer = setInterval(() => void ask(), everyMs)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [api, asking])
  return duty
}
