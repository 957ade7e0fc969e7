import type { DraftPerson, DraftTold } from '#shared/brief/line.ts'

/** Where an edit goes to: these pages, by their keys. */
export type Tell = (keys: readonly string[], told: DraftTold) => void

/**
 * The briefs that are being written, each by as many people as there are. What was acknowledged is durable; what was not is still
 * with whoever typed it, and merges when they come back.
 */
export interface Drafts {
  /**
   * Enters the draft of an incident; the first to enter begins it, from what the incident says.
   * @param vector what the page has of it; null: nothing
   * @throws UxbridgeError `not-found`; `phase-forbids` when work on it has ended; `overloaded` when too many are in it
   */
  join(
    incidentId: string,
    page: { key: string; personId: string },
    vector: Uint8Array | null,
  ): Promise<{ update: Uint8Array; vector: Uint8Array; people: DraftPerson[]; changedAt: number }>
  /**
   * Merges an edit, tells the others at once, and resolves when it is durable.
   * @throws UxbridgeError `draft-behind` when it builds on what the server does not have, or the page is not in the draft: join again;
   * `draft-full`; `fields-invalid` for what is no edit; `phase-forbids`; `store-full`
   */
  edit(incidentId: string, key: string, update: Uint8Array): Promise<void>
  /** Where the page's cursor is. Nothing happens when it is not in that draft. */
  at(incidentId: string, key: string, field: string | null): void
  leave(incidentId: string, key: string): void
  /** The page is gone, or may not be in any draft any more. */
  gone(key: string): void
  /** Writes what a full disk refused before, and removes drafts of incidents on which work ended long ago. @returns how many of those */
  sweep(): Promise<number>
}
