import type { ChannelKindView, ChannelTest, ChannelView, SharedChannelKind } from '#shared/notify/channels.ts'
import type { Doer } from '../../../access/port.ts'

/** A shared channel, as the desk hands it out: the view without who names it. */
export type ChannelState = Omit<ChannelView, 'namedBy'>

/**
 * Shared channels: operations, not policy, because they hold secrets. Every change is durable and audited when its promise
 * resolves; no secret comes out again but by `add` and `rotate`, once.
 */
export interface ChannelDesk {
  /** By name. */
  list(): ChannelState[]
  get(channelId: string): ChannelState | undefined
  /** The kinds there are, and what each lacks here. */
  kinds(): ChannelKindView[]
  /**
   * @param channel its id follows from the name where it is left out
   * @returns the secret that it signs with, where it signs
   * @throws UxbridgeError `name-taken`, `fields-invalid` with the path of each wrong field
   */
  add(
    who: Doer,
    channel: {
      kind: SharedChannelKind
      name: string
      id?: string | undefined
      settings: Readonly<Record<string, unknown>>
    },
  ): Promise<{ channel: ChannelState; secret: string | null }>
  /**
   * Settings that are not named stay; one that is null goes. `paused`: from when on nothing is sent, and again.
   * @throws UxbridgeError `not-found`, `name-taken`, `fields-invalid`
   */
  change(
    who: Doer,
    channelId: string,
    change: {
      name?: string | undefined
      settings?: Readonly<Record<string, unknown>> | undefined
      paused?: boolean | undefined
      why?: string | undefined
    },
  ): Promise<ChannelState>
  /** Sends a message that says it is a test; also where it is paused. What became of it is the answer, not an error. @throws UxbridgeError `not-found` */
  test(who: Doer, channelId: string): Promise<ChannelTest>
  /**
   * A new signing secret. What is sent is signed with the one before too, for `oldEndsInMs` more; any older one ends now.
   * @throws UxbridgeError `not-found`; `fields-invalid` for a kind that does not sign
   */
  rotate(who: Doer, channelId: string, oldEndsInMs: number): Promise<{ channel: ChannelState; secret: string }>
  /** @throws UxbridgeError `not-found` */
  remove(who: Doer, channelId: string): Promise<void>
}
