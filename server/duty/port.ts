import type { z } from 'zod'
import type { RotaTrouble, Shift } from '#shared/duty/rotation.ts'
import type {
  FeedView,
  freshFeedSchema,
  ImportView,
  newImportSchema,
  newOverrideSchema,
  newSwapSchema,
  OverrideView,
  RotaNow,
  RotaView,
  SwapView,
} from '#shared/duty/view.ts'
import type { SwapTold } from '#shared/notify/swap.ts'
import type { Doer } from '../access/port.ts'

/** Who answers now and next: what the rest of the house asks of rotations. Instants are epoch ms; every answer is of the active policy. */
export interface Rota {
  /** People who answer for a rotation at `at`, the first to be asked first. Empty: a gap, or there is no such rotation. */
  onCall(rotation: string, at: number): readonly string[]
  /** The same for a team: those of its rotations in their order; empty where it has none. */
  onCallOfTeam(team: string, at: number): readonly string[]
  /** Shifts that touch `[from, to)`, of one rotation or of all, by their beginning. */
  shifts(of: { rotation?: string; person?: string; team?: string }, from: number, to: number): readonly Shift[]
  /** The shift that the person is in: of several the one that ends last. Null: off shift. Consecutive shifts of a rotation are one. */
  shiftOf(person: string, at: number): { rotation: string; endsAt: number; next: readonly string[] } | null
  /** What is wrong in `[from, to)`. */
  troubles(from: number, to: number): readonly RotaTrouble[]
}

/** Where no rotations are kept: nobody is ever on call. */
export const noRota: Rota = {
  onCall: () => [],
  onCallOfTeam: () => [],
  shifts: () => [],
  shiftOf: () => null,
  troubles: () => [],
}

/** Swaps, for those who tell people of them. */
export interface SwapBoard {
  /** Grows with every change of a swap. */
  revision(): number
  /** Those whose shift is not over. */
  all(): SwapTold[]
  get(id: string): SwapTold | undefined
  /** When the next open one expires because its shift begins, epoch ms; null: none is open. */
  nextExpiryAt(): number | null
}

/** Who asks for something of the rota. */
export interface Asker extends Doer {
  /** Null: a machine. */
  personId: string | null
  /** Whether they may change what is anybody's (`rota.manage`). */
  mayManage: boolean
}

export type WantedOverride = z.output<typeof newOverrideSchema>
export type WantedSwap = z.output<typeof newSwapSchema>
export type WantedImport = z.output<typeof newImportSchema>
export type FreshFeed = z.output<typeof freshFeedSchema>

/** A calendar as it is sent to whoever subscribes to it. */
export interface CalendarText {
  text: string
  /** Of the text, in quotes, for `ETag`. */
  tag: string
  /** File name. */
  name: string
}

/** What people see of the rota and change in it. Every change is durable and audited when its promise resolves. */
export interface DutyDesk {
  /** @throws UxbridgeError `fields-invalid` where the time ends before it begins, or is too long */
  view(asker: Asker, from: number, to: number): RotaView
  now(asker: Asker): RotaNow
  /**
   * Puts somebody in, whoever's turn it is: by who may manage, or a member of the team for themselves.
   * @throws UxbridgeError `fields-invalid`, `not-allowed`
   */
  override(asker: Asker, wanted: WantedOverride): Promise<OverrideView>
  /** One to come goes; one that is on ends now. @throws UxbridgeError `not-found`, `not-allowed`, `shift-over` */
  removeOverride(asker: Asker, id: string, reason: string | undefined): Promise<void>
  /**
   * Offers a stretch of one's own shift. Rule RO7: nothing is transferred before somebody else accepts.
   * @throws UxbridgeError `fields-invalid`, `not-allowed`, `shift-changed`, `swap-open`
   */
  offer(asker: Asker, wanted: WantedSwap): Promise<SwapView>
  /** Again by whoever accepted it: nothing more. @throws UxbridgeError `not-found`, `not-allowed`, `swap-settled`, `shift-changed` */
  accept(asker: Asker, id: string): Promise<SwapView>
  /** @throws UxbridgeError `not-found`, `not-allowed`, `swap-settled` */
  decline(asker: Asker, id: string, reason: string | undefined): Promise<SwapView>
  /** By whoever offered it, or who may manage. @throws UxbridgeError `not-found`, `not-allowed`, `swap-settled` */
  withdraw(asker: Asker, id: string, reason: string | undefined): Promise<SwapView>
  /** Of whoever asks. */
  feeds(asker: Asker): FeedView[]
  /** @param baseUrl where the doors are reached @throws UxbridgeError `not-found` (no such team), `not-allowed`, `fields-invalid` */
  addFeed(asker: Asker, of: string, baseUrl: string): Promise<FreshFeed>
  /** Another address; the one before shows nothing any more. @throws UxbridgeError `not-found` */
  renewFeed(asker: Asker, id: string, baseUrl: string): Promise<FreshFeed>
  /** @throws UxbridgeError `not-found` */
  revokeFeed(asker: Asker, id: string): Promise<void>
  /** What a feed shows now; null for an address that nobody was given, or whose person is gone. */
  calendar(token: string): CalendarText | null
  /**
   * An iCalendar text as days of a calendar of the policy, or as overrides of a rotation. It goes in place of what was imported
   * there before, as far as that has not begun.
   * @throws UxbridgeError `fields-invalid` for what is no calendar, or where what it is for is not there; `not-allowed`
   */
  import(asker: Asker, wanted: WantedImport): Promise<ImportView>
}
