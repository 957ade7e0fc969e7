import { UxbridgeError } from '#shared/errors.ts'
import type { SwapTold } from '#shared/notify/swap.ts'
import type { KeptSwap } from './kept.ts'
import {
  bygone,
  type Office,
  personOf,
  requireLayer,
  requireRoom,
  requireStretch,
  rotationOf,
  wrong,
} from './office.ts'
import type { Asker, DutyDesk, SwapBoard } from './port.ts'
import { eligibleFor, holders, type Stretch, stateOf } from './standing.ts'
import { swapView } from './views.ts'

type Doc = KeptSwap['doc']
const mostOpen = 50

const words: Readonly<Record<Doc['state'], string>> = {
  open: 'is open',
  accepted: 'was accepted',
  declined: 'was declined',
  withdrawn: 'was withdrawn',
  expired: 'has expired: the shift has begun',
}

/** How swaps stand, for those who tell people of them. */
export function makeSwapBoard(office: Office): SwapBoard {
  const { books } = office
  const named = <S extends { rotation: string }>(stretch: S) => ({
    ...stretch,
    rotation: office.rota.roster(stretch.rotation)?.rotation.name ?? stretch.rotation,
  })
  function told(kept: KeptSwap): SwapTold {
    const { rotation, layer, from, to, person, inReturn, endedBy } = kept.doc
    const state = stateOf(kept, office.now())
    return {
      ...named({ rotation, layer, from, to }),
      ...{ id: kept.id, rotationId: rotation, person, state, endedBy },
      inReturn: inReturn === null ? null : named(inReturn),
      eligible: state === 'open' ? eligibleFor(office, kept.doc) : [],
    }
  }
  return {
    revision: () => books.revision,
    all: () => [...books.swaps.values()].filter(({ doc }) => doc.to > office.now()).map(told),
    get(id) {
      const kept = books.swaps.get(id)
      return kept && told(kept)
    },
    nextExpiryAt() {
      const open = [...books.swaps.values()].filter((kept) => stateOf(kept, office.now()) === 'open')
      return open.length === 0 ? null : Math.min(...open.map(({ doc }) => doc.from))
    },
  }
}

/** Shifts change hands by offer and acceptance. */
export function makeSwaps(office: Office): Pick<DutyDesk, 'offer' | 'accept' | 'decline' | 'withdraw'> {
  const { books } = office

  /** @throws UxbridgeError `not-found` */
  function need(id: string): KeptSwap {
    const kept = books.swaps.get(id)
    if (kept === undefined)
      throw new UxbridgeError('not-found', 'There is no such swap; look in the rota for those there are.')
    return kept
  }
  /** @throws UxbridgeError `swap-settled` */
  function requireOpen(kept: KeptSwap): void {
    const state = stateOf(kept, office.now())
    if (state === 'open') return
    const { endedBy } = kept.doc
    const who = endedBy === null ? '' : ` by ${office.nameOf(endedBy)}`
    throw new UxbridgeError(
      'swap-settled',
      `This swap ${words[state]}${who}. Make another offer if it is still needed.`,
      {
        state,
        by: endedBy,
      },
    )
  }
  /** @throws UxbridgeError `shift-changed` */
  function requireHeld(person: string, stretch: Stretch, todo: string): void {
    const people = holders(office, stretch)
    if (people.length === 1 && people[0] === person) return
    const others = people.filter((each) => each !== person).map(office.nameOf)
    const now =
      others.length === 0
        ? 'nobody answers then'
        : `${others.join(' and ')} ${others.length === 1 ? 'answers' : 'answer'} then`
    throw new UxbridgeError(
      'shift-changed',
      `This is not, or not all, the shift of ${office.nameOf(person)} in the layer ${stretch.layer}: ${now}. ${todo}`,
      { people, rotation: stretch.rotation },
    )
  }
  /** @throws UxbridgeError `not-allowed` */
  function requireAsked(asker: Asker, { doc }: KeptSwap): string {
    const me = personOf(asker)
    if (eligibleFor(office, doc).includes(me)) return me
    throw new UxbridgeError(
      'not-allowed',
      doc.person === me
        ? 'It is your own offer. Withdraw it if you keep the shift.'
        : 'This shift is not offered to you. Ask whoever offers it to offer it to you.',
    )
  }
  const plan = (action: string, kept: KeptSwap, reason?: string) => ({
    action: `rota.swap-${action}`,
    subject: kept.id,
    detail: { rotation: kept.doc.rotation, person: kept.doc.person, offeredTo: kept.doc.offeredTo },
    reason,
    put: [{ kind: 'duty-swap' as const, ...kept }],
    remove: bygone(office),
    result: kept,
  })
  /** The view is made once the change stands. */
  const seen = async (asker: Asker, work: Promise<KeptSwap>) => swapView(office, asker, await work)

  return {
    offer(asker, { rotation: id, layer, offerTo, reason, ...wanted }) {
      const work = books.change(asker, () => {
        const me = personOf(asker)
        const rotation = rotationOf(office, id)
        requireLayer(rotation, layer)
        const stretch = { rotation: id, layer, from: Date.parse(wanted.from), to: Date.parse(wanted.to) }
        requireStretch(office, stretch)
        const now = office.now()
        if (stretch.from <= now) throw wrong('from', 'must be in the future: until then somebody can accept')
        requireHeld(me, stretch, 'Look at the rota and offer what is yours.')
        const open = [...books.swaps.values()].filter((kept) => kept.doc.person === me && stateOf(kept, now) === 'open')
        if (open.length >= mostOpen) throw wrong('from', `has no room: you have ${mostOpen} open offers. Withdraw some`)
        const same = open.find(
          ({ doc }) => doc.rotation === id && doc.layer === layer && doc.from < stretch.to && doc.to > stretch.from,
        )
        if (same !== undefined)
          throw new UxbridgeError('swap-open', 'You offer a part of this shift already. Withdraw that offer first.', {
            swap: same.id,
          })
        const inReturn = requireReturn(me, offerTo, wanted.inReturn)
        requireTarget(me, offerTo)
        requireRoom(office)
        return plan(
          'offer',
          {
            id: office.newId(),
            doc: {
              ...stretch,
              ...{ person: me, offeredTo: offerTo, inReturn, at: now },
              ...{ state: 'open', declinedBy: [], endedAt: null, endedBy: null },
            },
            personal: { reason, answer: null },
          },
          reason,
        )
      })
      return seen(asker, work)
    },
    accept(asker, id) {
      const work = books.change(asker, () => {
        const kept = need(id)
        const { doc } = kept
        // Asked again because the answer was lost on its way.
        if (doc.state === 'accepted' && doc.endedBy === asker.personId) return { result: kept }
        requireOpen(kept)
        const me = requireAsked(asker, kept)
        requireHeld(doc.person, doc, `Ask ${office.nameOf(doc.person)} for another offer.`)
        if (doc.inReturn !== null)
          requireHeld(me, doc.inReturn, `Decline, and ask ${office.nameOf(doc.person)} for another offer.`)
        return plan('accept', {
          ...kept,
          doc: { ...doc, state: 'accepted', endedAt: office.stamp(), endedBy: me },
        })
      })
      return seen(asker, work)
    },
    decline(asker, id, reason) {
      const work = books.change(asker, () => {
        const kept = need(id)
        if (kept.doc.declinedBy.includes(asker.personId ?? '')) return { result: kept }
        requireOpen(kept)
        const me = requireAsked(asker, kept)
        const doc = { ...kept.doc, declinedBy: [...kept.doc.declinedBy, me] }
        // An offer to a team stands while somebody is left who may accept it.
        const isLast = eligibleFor(office, doc).length === 0
        const ended = isLast ? ({ state: 'declined', endedAt: office.now(), endedBy: me } as const) : {}
        const personal = kept.personal && { ...kept.personal, answer: reason ?? kept.personal.answer }
        return plan('decline', { ...kept, doc: { ...doc, ...ended }, personal }, reason)
      })
      return seen(asker, work)
    },
    withdraw(asker, id, reason) {
      const work = books.change(asker, () => {
        const kept = need(id)
        if (asker.personId !== kept.doc.person && !asker.mayManage)
          throw new UxbridgeError(
            'not-allowed',
            `Only ${office.nameOf(kept.doc.person)} or a commander can withdraw this offer.`,
          )
        if (kept.doc.state === 'withdrawn') return { result: kept }
        requireOpen(kept)
        const ended = { state: 'withdrawn' as const, endedAt: office.now(), endedBy: asker.personId }
        return plan('withdraw', { ...kept, doc: { ...kept.doc, ...ended } }, reason)
      })
      return seen(asker, work)
    },
  }

  /** @throws UxbridgeError `fields-invalid` */
  function requireTarget(me: string, offerTo: string): void {
    if (offerTo === me) throw wrong('offerTo', 'must be somebody else')
    if (offerTo.startsWith('team:')) {
      const team = office.policy().teams.find(({ id }) => `team:${id}` === offerTo)
      if (team === undefined) throw wrong('offerTo', `"${offerTo.slice('team:'.length)}" is no team of the policy`)
      if (!team.members.some((each) => each !== me && office.mayRespond(each)))
        throw wrong('offerTo', 'is a team in which nobody else can respond; offer it to a person')
    } else if (offerTo.includes(':')) throw wrong('offerTo', 'must be a person’s id or team:<id>')
    else if (!office.mayRespond(offerTo))
      throw wrong('offerTo', 'must be somebody who can respond: active, with the role responder or commander')
  }

  /** @throws UxbridgeError `fields-invalid`, `shift-changed` */
  function requireReturn(
    me: string,
    offerTo: string,
    wanted: { rotation: string; layer: string; from: string; to: string } | null,
  ): Stretch | null {
    if (wanted === null) return null
    if (offerTo.includes(':') || offerTo === me) throw wrong('inReturn', 'can be asked of a person only, not of a team')
    requireLayer(rotationOf(office, wanted.rotation, 'inReturn.rotation'), wanted.layer, 'inReturn.layer')
    const stretch = { ...wanted, from: Date.parse(wanted.from), to: Date.parse(wanted.to) }
    requireStretch(office, stretch, 'inReturn.')
    if (stretch.from <= office.now()) throw wrong('inReturn.from', 'must be in the future')
    requireHeld(offerTo, stretch, 'Ask for a shift that is theirs.')
    return stretch
  }
}
