import { UxbridgeError } from '#shared/errors.ts'
import type { KeptOverride } from './kept.ts'
import {
  authorOf,
  bygone,
  type Office,
  requireLayer,
  requireRoom,
  requireStretch,
  rotationOf,
  wrong,
} from './office.ts'
import type { DutyDesk } from './port.ts'
import { overrideView } from './views.ts'

/** Somebody answers whoever's turn it is. */
export function makeOverrides(office: Office): Pick<DutyDesk, 'override' | 'removeOverride'> {
  const { books } = office
  return {
    override(asker, { rotation: id, layer, person, reason, ...wanted }) {
      return books.change(asker, () => {
        const rotation = rotationOf(office, id)
        if (layer !== null) requireLayer(rotation, layer)
        const now = office.now()
        const stretch = { from: Math.max(Date.parse(wanted.from), now), to: Date.parse(wanted.to) }
        requireStretch(office, stretch)
        if (!office.mayRespond(person))
          throw wrong('person', 'must be somebody who can respond: active, with the role responder or commander')
        const members = office.policy().teams.find((team) => team.id === rotation.team)?.members ?? []
        const isForSelf = asker.personId === person && members.includes(person)
        if (!asker.mayManage && !isForSelf)
          throw new UxbridgeError(
            'not-allowed',
            asker.personId === person
              ? `You are no member of the team of this rotation. Ask a commander to put you in.`
              : 'You can put in yourself only. Offer your shift to them, or ask a commander to put them in.',
          )
        requireRoom(office)
        const kept: KeptOverride = {
          id: office.newId(),
          doc: { rotation: id, layer, person, ...stretch, at: office.stamp(), by: authorOf(asker), imported: false },
          personal: { reason },
        }
        return {
          action: 'rota.override',
          subject: kept.id,
          detail: { rotation: id, layer, person, ...stretch },
          reason,
          put: [{ kind: 'duty-override', ...kept }],
          remove: bygone(office),
          result: overrideView(office, asker, kept),
        }
      })
    },
    removeOverride(asker, id, reason) {
      return books.change(asker, () => {
        const kept = books.overrides.get(id)
        if (kept === undefined)
          throw new UxbridgeError('not-found', 'There is no such override; it may be removed already.')
        const now = office.now()
        const { mayRemove } = overrideView(office, asker, kept)
        if (kept.doc.to <= now)
          throw new UxbridgeError('shift-over', 'This override is over. What was stays as it was.')
        if (!mayRemove)
          throw new UxbridgeError(
            'not-allowed',
            'Only who made it, who is put in by it, or a commander can remove this.',
          )
        const { rotation, person } = kept.doc
        const about = {
          action: 'rota.override-remove',
          subject: id,
          detail: { rotation, person },
          reason,
          result: undefined,
        }
        return kept.doc.from >= now
          ? { ...about, remove: [{ kind: 'duty-override', id }] }
          : { ...about, put: [{ kind: 'duty-override', ...kept, doc: { ...kept.doc, to: now } }] }
      })
    },
  }
}
