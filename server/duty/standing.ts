import { layerName } from '#shared/duty/roster.ts'
import type { KeptSwap } from './kept.ts'
import type { Office } from './office.ts'

/** How a swap stands. */
type Doc = KeptSwap['doc']
/** A part of a layer. */
export interface Stretch {
  rotation: string
  layer: string
  from: number
  to: number
}
/** Rule RO7: an offer stands until its shift begins; what nobody accepted by then is expired, and the shift stays whose it is. */
export const stateOf = ({ doc }: KeptSwap, now: number): Doc['state'] =>
  doc.state === 'open' && doc.from <= now ? 'expired' : doc.state

/** Who may accept it. */
export function eligibleFor(office: Office, { offeredTo, person, declinedBy }: Doc): string[] {
  const asked = offeredTo.startsWith('team:')
    ? (office.policy().teams.find(({ id }) => `team:${id}` === offeredTo)?.members ?? [])
    : [offeredTo]
  return asked.filter((each) => each !== person && !declinedBy.includes(each) && office.mayRespond(each))
}

/** People whose the layer is within the stretch, in order, each once; times at which it is off do not count. */
export function holders({ rota }: Office, { rotation, layer, from, to }: Stretch): string[] {
  const roster = rota.roster(rotation)
  const index = roster?.rotation.layers.findIndex((each, nth) => layerName(each, nth) === layer) ?? -1
  if (roster === undefined || index === -1) return []
  return [...new Set(roster.parts(from, to).flatMap((part) => part.on[index]?.person ?? []))]
}
const isAllOf = (office: Office, person: string, stretch: Stretch): boolean => {
  const found = holders(office, stretch)
  return found.length === 1 && found[0] === person
}

/** Whether the shift is as the swap says: of whom it was offered by; of one that is accepted, of who accepted it. */
export function holds(office: Office, { doc }: KeptSwap): boolean {
  const { person, endedBy, inReturn, state, offeredTo } = doc
  const isAccepted = state === 'accepted' && endedBy !== null
  if (!isAllOf(office, isAccepted ? endedBy : person, doc)) return false
  return inReturn === null || isAllOf(office, isAccepted ? person : offeredTo, inReturn)
}

/** Shifts that they have meanwhile, besides the one they would take over; of the first ten people. */
export function clashesOf(office: Office, doc: Doc, eligible: readonly string[]) {
  return eligible.slice(0, 10).flatMap((person) =>
    office.rota
      .shifts({ person }, doc.from, doc.to)
      .filter(({ rotation, layer, from }) => {
        const back = doc.inReturn
        return !(
          back !== null &&
          back.rotation === rotation &&
          back.layer === layer &&
          from >= back.from &&
          from < back.to
        )
      })
      .map(({ rotation, from, to }) => ({ person, rotation, from, to })),
  )
}
