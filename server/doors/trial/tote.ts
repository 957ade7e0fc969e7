import { UxbridgeError } from '#shared/errors.ts'
import { type ReadinessView, saidOf } from '#shared/readiness.ts'
import type { ApiParts } from '../http.ts'

/** A tote of everybody who may respond, with what is said of them and nothing that is derived. */
export function trialTote(
  { people }: ApiParts['access'],
  { record }: ApiParts['commandRoom'],
  clock: ApiParts['clock'],
): ApiParts['tote'] {
  const said = new Map<string, { view: Partial<ReadinessView>; note: string }>()
  let seq = 1
  const iso = (at: number) => new Date(at).toISOString()
  const row = (id: string): ReadinessView => ({
    ...{ id, name: people.get(id)?.name ?? id },
    ...({ state: 'released', since: null, until: null } as const),
    ...said.get(id)?.view,
  })
  const require = (id: string) => {
    if (!people.mayRespond(id)) throw new UxbridgeError('not-found', 'There is nobody of that id who responds.')
  }
  const all = () => people.list().filter(({ id }) => people.mayRespond(id))
  return {
    seq: () => seq,
    move: () => undefined,
    view: () => ({ teams: [], people: all().map(({ id }) => row(id)) }),
    since: () => null,
    readiness: (id) => (people.mayRespond(id) ? row(id) : null),
    heldUnseen: () => new Map(),
    notes: () => new Map([...said].map(([id, { note }]) => [id, note])),
    async say(who, id, saying) {
      require(id)
      const { state, at, until } = saidOf(saying, who.by, clock.now())
      await record({ ...who, action: 'readiness.say', subject: id, outcome: 'done' })
      const derived = { state: 'released' as const, since: null, until: null }
      const view = { state, since: iso(at), until: iso(until), said: { at: iso(at), until: iso(until) }, derived }
      said.set(id, { view, note: saying.note ?? '' })
      seq++
      return row(id)
    },
    async unsay(_, id) {
      require(id)
      said.delete(id)
      seq++
      return row(id)
    },
    tidy: () => undefined,
  }
}
