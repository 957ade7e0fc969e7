import type { Policy } from '#shared/policy.ts'
import type { Rota } from '../../duty/port.ts'

/**
 * Who commands now: whoever `commanders` of the policy means, and where it names nobody who may, all who may.
 * @param at epoch ms
 */
export function commandersAt(policy: Policy, rota: Rota, may: readonly string[], at: number): readonly string[] {
  const named = policy.commanders.flatMap((target): readonly string[] => {
    if (target === 'commanders' || target === 'on-call' || target.startsWith('channel:')) return []
    if (target.startsWith('rotation:')) return rota.onCall(target.slice('rotation:'.length), at)
    if (!target.startsWith('team:')) return [target]
    const team = target.slice('team:'.length)
    const onCall = rota.onCallOfTeam(team, at)
    return onCall.length > 0 ? onCall : (policy.teams.find(({ id }) => id === team)?.members ?? [])
  })
  return named.length === 0 ? may : [...new Set(named)]
}
