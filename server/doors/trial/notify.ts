import { UxbridgeError } from '#shared/errors.ts'
import { usualPreferences } from '#shared/notify/preferences.ts'
import type { NotifyDesk } from '../../tell/index.ts'

const spent = () => Promise.reject(new UxbridgeError('link-spent', 'This link is not whole.'))
const mine: NotifyDesk['mine'] = () => ({ preferences: usualPreferences, usual: true, ways: [] })

/** A house that tells nobody anything. */
export const nobodyTold: NotifyDesk = {
  mine,
  choose: async (_who, personId) => mine(personId),
  test: async () => ({ delivered: false, detail: 'No browser of yours is subscribed.' }),
  pushKey: () => 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
  subscribe: async () => 1,
  unsubscribe: async () => 0,
  reach: () => ({ people: [], waiting: 0, sending: 0, heldBack: 0, recent: [] }),
  look: spent,
  act: spent,
}
