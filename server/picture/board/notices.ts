import type { FactOf, RecordedFact } from '#shared/incident/facts.ts'
import { withNames } from '#shared/incident/guards.ts'
import type { Notice } from '#shared/wire.ts'
import { iso, type Names } from '../views.ts'

/**
 * What facts mean for those who must hear of them at once.
 * @param isDrill whether an incident is of an exercise: what is told of it says so first
 */
export function noticesOf(facts: readonly RecordedFact[], names: Names, isDrill: (id: string) => boolean): Notice[] {
  const told = new Set<string>()
  return facts.flatMap((fact): Notice[] => {
    const notice = (kind: Notice['kind'], text: string): Notice[] => [
      {
        id: `n${fact.seq}`,
        kind,
        incidentId: fact.incidentId,
        text: `${isDrill(fact.incidentId) ? 'Drill: ' : ''}${withNames(text, names.person)}`,
        at: iso(fact.at),
      },
    ]
    const nameOfTarget = (to: string) =>
      to.startsWith('team:') ? names.team(to.slice('team:'.length)) : names.person(to)
    switch (fact.type) {
      case 'offer-expired':
        return notice(
          'offer-expired',
          `The offer of ${fact.incidentId} to ${nameOfTarget(fact.to)} was not answered. ${fact.owner === null ? 'Nobody owns it.' : `It stays with ${names.person(fact.owner)}.`}`,
        )
      case 'owner-silent':
        return notice(
          'owner-silent',
          `${names.person(fact.owner)} owns ${fact.incidentId} and has given no sign of life.`,
        )
      case 'shift-ended':
        return notice(
          'shift-ended',
          `The shift of ${names.person(fact.owner)} is over, and they still own ${fact.incidentId}.`,
        )
      case 'paged':
        // Rule E7: where no step means anybody, those who look at the board are the last who can know.
        return fact.quietUntil === null && fact.people.length + fact.channels.length === 0
          ? notice('nobody-told', `Nobody owns ${fact.incidentId}, and no step of its escalation means anybody now.`)
          : []
      case 'relief-asked':
        return notice(
          'relief-asked',
          `${names.person(fact.by.slice(fact.by.indexOf(':') + 1))} asks for relief of ${fact.incidentId}.`,
        )
      case 'merged':
        if (told.has(fact.into)) return []
        told.add(fact.into)
        return mergeNotice(fact, mergedInto(facts, fact.into), names, isDrill(fact.into))
      case 'declared':
        return fact.tier === 1 ? notice('tier-1-opened', `New Tier 1: ${fact.title} (${fact.incidentId})`) : []
      case 'classified':
        return fact.tier === 1 ? notice('tier-1-opened', `${fact.incidentId} is Tier 1 now.`) : []
      default:
        return []
    }
  })
}

function mergedInto(facts: readonly RecordedFact[], into: string): number {
  return facts.filter((fact) => fact.type === 'merged' && fact.into === into).length
}

/** Where incidents went that leave the board because they are part of another: one notice, however many a storm has brought. */
function mergeNotice(fact: RecordedFact & FactOf<'merged'>, count: number, names: Names, isDrill: boolean): Notice[] {
  const by = fact.by.startsWith('person:') ? fact.by.slice('person:'.length) : null
  const who = by === null ? `the filter, by rule “${fact.rule ?? ''}”` : names.person(by)
  const which = count === 1 ? `${fact.incidentId} was` : `${fact.incidentId} and ${count - 1} more were`
  return [
    {
      id: `n${fact.seq}`,
      kind: 'merged',
      incidentId: fact.into,
      text: `${isDrill ? 'Drill: ' : ''}${which} merged into ${fact.into} by ${who}.`,
      at: iso(fact.at),
      ...(by === null ? {} : { by }),
    },
  ]
}
