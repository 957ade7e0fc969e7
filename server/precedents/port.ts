import type { Actor } from '#shared/access.ts'
import type { SimilarAnswer } from '#shared/similar.ts'

/** What happened before that is like what happens now. Disposable: made again from the store. */
export interface Precedents {
  /**
   * Past incidents that are like this one, of those that this actor may see, the most alike first. Right after a start it waits
   * until the past is read.
   * @returns null when there is no such incident, or none for this actor
   */
  similarTo(incidentId: string, actor: Actor | null): Promise<SimilarAnswer | null>
}
