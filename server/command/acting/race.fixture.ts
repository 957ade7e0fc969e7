import { minuteMs } from '#shared/clocks.ts'
import type { Fact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'

export const people = ['ana', 'ben', 'carla', 'dan'] as const
export type Who = (typeof people)[number]
export const commander: Who = 'carla'
/** How long an offer stands while an incident is unclassified, in the built-in policy. */
export const offerMs = 2 * minuteMs

/** One move in a race: a person's command, time that passes, or the poll that handles what has fallen due by then. */
export type Move =
  | { who: Who; does: 'claim' | 'decline' | 'withdraw' | 'ask-relief' | 'grant-relief' | 'take-over' | 'release' }
  | { who: Who; does: 'resolve' }
  | { who: Who; does: 'offer'; to: Who }
  | { who: Who; does: 'accept'; revision: number }
  | { who: 'clock'; does: 'pass'; ms: number }
  | { who: 'clock'; does: 'poll' }

/** The ownership protocol of domain.md for one incident whose moves come one after the other, and nothing else. */
export interface Model {
  now: number
  open: boolean
  owner: Who | null
  /** When the present owner began, or nobody. */
  since: number
  offer: { to: Who; revision: number; deadlineAt: number } | null
  /** Of the newest offer. */
  offers: number
  relief: Who | null
  transfers: number
  expiries: number
}

export function beginning(now: number): Model {
  return {
    now,
    open: true,
    owner: null,
    since: now,
    offer: null,
    offers: 0,
    relief: null,
    transfers: 0,
    expiries: 0,
  }
}

/** @returns the state after the move and its answer: `done`, or the refusal's code with whoever it names as the owner */
export function step(model: Model, move: Move): { model: Model; answer: string } {
  const { owner, offer, open } = model
  const refuse = (answer: string) => ({ model, answer })
  const done = (change: Partial<Model>) => ({ model: { ...model, ...change }, answer: 'done' })
  if (move.who === 'clock') {
    if (move.does === 'pass') return done({ now: model.now + move.ms })
    return done(offer !== null && model.now >= offer.deadlineAt ? { offer: null, expiries: model.expiries + 1 } : {})
  }
  const { who } = move
  const leads = who === owner || who === commander
  const handOver = { owner: who, since: model.now, offer: null, relief: null }
  const notLeading = () => refuse(`not-owner ${owner ?? 'nobody'}`)
  const makeOffer = (to: Who) =>
    offer !== null
      ? refuse('offer-open')
      : to === owner
        ? refuse('offer-to-self')
        : done({
            offer: { to, revision: model.offers + 1, deadlineAt: model.now + offerMs },
            offers: model.offers + 1,
            relief: null,
          })
  const closed = !open && !['accept', 'decline', 'withdraw'].includes(move.does)
  if (closed) return refuse(move.does === 'resolve' ? 'nothing-to-change' : 'phase-forbids')
  switch (move.does) {
    case 'claim':
      return owner === null ? done(handOver) : refuse(`already-owned ${owner} ${model.since}`)
    case 'offer':
      return leads ? makeOffer(move.to) : notLeading()
    case 'accept':
      if (offer === null) return refuse('no-open-offer')
      if (offer.to !== who) return refuse('not-offered-to-you')
      if (model.now >= offer.deadlineAt) return refuse('offer-expired')
      if (offer.revision !== move.revision) return refuse('offer-changed')
      return done({ ...handOver, transfers: model.transfers + (owner === null ? 0 : 1) })
    case 'decline':
      if (offer === null) return refuse('no-open-offer')
      return offer.to === who ? done({ offer: null }) : refuse('not-offered-to-you')
    case 'withdraw':
      if (offer === null) return refuse('no-open-offer')
      return leads ? done({ offer: null }) : notLeading()
    case 'ask-relief':
      if (owner === null) return refuse('nobody-owns')
      return model.relief === who ? refuse('nothing-to-change') : done({ relief: who })
    case 'grant-relief':
      if (!leads) return notLeading()
      return model.relief === null ? refuse('nothing-to-change') : makeOffer(model.relief)
    case 'take-over':
      if (who !== commander) return refuse('not-allowed')
      if (owner === null) return refuse('nobody-owns')
      if (owner === who) return refuse('nothing-to-change')
      return done({ ...handOver, transfers: model.transfers + 1 })
    case 'release':
      if (owner === null) return refuse('nobody-owns')
      return owner === who ? done({ ...handOver, owner: null }) : refuse(`not-owner ${owner}`)
    case 'resolve':
      if (!leads) return notLeading()
      if (owner === null) return refuse('nobody-owns')
      return done({ open: false, offer: null, relief: null })
  }
}

/** What an incident says of what the model knows, to be compared with it. */
export function essence(incident: Incident): Omit<Model, 'now' | 'since'> & { since: number | null } {
  const { offer } = incident
  const last = incident.chain.at(-1)
  return {
    open: incident.phase !== 'resolved',
    owner: incident.owner as Who | null,
    since: incident.phase === 'resolved' ? null : (last?.from ?? null),
    offer: offer && { to: offer.to as Who, revision: offer.revision, deadlineAt: offer.deadlineAt },
    offers: incident.offerRevision,
    relief: incident.reliefAskedBy as Who | null,
    transfers: incident.handovers,
    expiries: incident.expiries,
  }
}

export function essenceOf({ now: _, since, ...model }: Model): ReturnType<typeof essence> {
  return { ...model, since: model.open ? since : null }
}

/**
 * Every state that some order of these moves leads to with just these answers. None: no sequence of the moves explains
 * what was answered, so two of them have met half-way.
 */
export function explained(from: Model, moves: readonly Move[], answers: readonly string[]): Model[] {
  const found = new Map<string, Model>()
  const search = (model: Model, left: readonly number[]) => {
    if (left.length === 0) found.set(JSON.stringify(model), model)
    for (const index of left) {
      const next = step(model, moves[index] as Move)
      if (next.answer === answers[index])
        search(
          next.model,
          left.filter((other) => other !== index),
        )
    }
  }
  search(from, [...moves.keys()])
  return [...found.values()]
}

/** Facts that move ownership, as `owner before > owner after`, read without the reducer: each begins where the last ended. */
export function ownersIn(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) => {
    const by = fact.by.slice('person:'.length)
    if (fact.type === 'claimed') return [`nobody > ${by}`]
    if (fact.type === 'accepted') return [`${fact.from ?? 'nobody'} > ${by}`]
    if (fact.type === 'taken-over') return [`${fact.from} > ${by}`]
    return fact.type === 'released' ? [`${by} > nobody`] : []
  })
}
