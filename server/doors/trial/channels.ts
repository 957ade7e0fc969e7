import { UxbridgeError } from '#shared/errors.ts'
import type { ChannelDesk } from '../../tell/index.ts'

const none = () => Promise.reject(new UxbridgeError('not-found', 'There is no such channel.'))

/** A house without shared channels. */
export const noChannels: ChannelDesk = {
  list: () => [],
  get: () => undefined,
  kinds: () => [],
  add: none,
  change: none,
  test: none,
  rotate: none,
  remove: none,
}
