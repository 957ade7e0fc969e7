import { UxbridgeError } from '#shared/errors.ts'
import type { DutyDesk } from '../../duty/port.ts'
import { at } from './at.ts'

const noneSuch = () => Promise.reject(new UxbridgeError('not-found', 'There is no such thing in the rota.'))

/** A rota without rotations: nobody is on, and there is nothing to change. */
export const trialDuty: DutyDesk = {
  view: ({ personId, mayManage }, from, to) => ({
    ...{ at, from: new Date(from).toISOString(), to: new Date(to).toISOString(), me: personId, mayManage },
    ...{ people: [], rotations: [], troubles: [], ahead: [], overrides: [], swaps: [], calendars: [], holidays: [] },
  }),
  now: () => ({ at, rotations: [], teams: [], mine: null }),
  override: noneSuch,
  removeOverride: noneSuch,
  offer: noneSuch,
  accept: noneSuch,
  decline: noneSuch,
  withdraw: noneSuch,
  feeds: () => [],
  addFeed: noneSuch,
  renewFeed: noneSuch,
  revokeFeed: noneSuch,
  calendar: () => null,
  import: noneSuch,
}
