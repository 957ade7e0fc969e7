import type { Policy } from '#shared/policy.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import type { Case, Stage } from '../stage.ts'
import { definitionOf } from './define.ts'
import { describe } from './enrich.ts'

/**
 * Says what is not for everybody. Rule RS8: what is restricted meets only what is restricted. It joins, explains, and holds back
 * nothing that others see, nor the reverse; it takes part in no storm of theirs. So nobody learns of it by what it does to the
 * rest, and nothing hides it: what is public comes to the same as if it were not there.
 */
export const restrict: Stage = {
  name: 'restrict',
  judge(at, state) {
    const { tracked } = at
    if (tracked === null) return null
    const { alert, group } = tracked
    const was = group === null ? alert.restricted === true : group.restricted
    at.restricted = was || (!isHome(tracked, at.entry.at) && byPolicy(at, state))
    if (at.restricted) {
      alert.restricted = true
      if (alert.shedBy !== undefined) state.holding.storms.leave(tracked)
      delete alert.shedBy
    } else if (alert.restricted !== undefined) delete alert.restricted
    return null
  },
}

/**
 * Whether its incident takes it back (rule C3): then that incident says, as people have left it. What is restricted and goes
 * elsewhere stays so until it is forgotten: what has opened to everybody cannot be closed again.
 */
function isHome({ group }: Tracked, now: number): boolean {
  return group !== null && (group.open || now <= group.reopenUntil)
}

function byPolicy(at: Case, state: FilterState): boolean {
  const { policy } = state
  if (!speaksOfIt(policy)) return false
  describe(at, state)
  if (definitionOf(policy.definitions, at.labels)?.restricted === true) return true
  return at.service !== null && state.services.byId(at.service)?.restricted === true
}

/** Found out once for each policy: most houses need nothing of this. */
const speaking = new WeakMap<Policy, boolean>()

function speaksOfIt(policy: Policy): boolean {
  let speaks = speaking.get(policy)
  if (speaks === undefined) {
    speaks = [...policy.definitions, ...policy.services].some(({ restricted }) => restricted === true)
    speaking.set(policy, speaks)
  }
  return speaks
}
