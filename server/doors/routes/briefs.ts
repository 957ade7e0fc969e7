import { z } from 'zod'
import { keptBriefSchema, keptBriefs } from '#shared/brief/kept.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { type Tier, tierDefinitions, tierSchema } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { Picture } from '../../picture/port.ts'
import { idParams, type Route, route } from './route.ts'

export interface BriefRouteParts {
  picture: Pick<Picture, 'facts'>
  activePolicy(): { policy: Policy; hash: string }
}

const tiers: readonly Tier[] = [1, 2, 3]

/** What was told with each hop of an incident, and what its tiers are called and mean. */
export function briefRoutes({ picture, activePolicy }: BriefRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/incidents/:id/briefs',
      action: 'incident.read',
      tag: 'Incidents',
      summary: 'Every brief that was kept, oldest first, with the hop it went with and its read-back',
      params: idParams,
      answer: z.strictObject({ briefs: z.array(keptBriefSchema) }),
      run: async ({ params: { id } }) => {
        const facts = await picture.facts(id)
        if (facts === null) throw new UxbridgeError('not-found', `There is no incident ${id.slice(0, 40)}.`)
        return { briefs: keptBriefs(facts) }
      },
    }),
    route({
      method: 'get',
      path: '/api/tiers',
      action: 'picture.read',
      tag: 'Incidents',
      summary: 'What each tier is called here, what it means, and how long things may take in it',
      answer: z.strictObject({
        tiers: z.array(
          z.strictObject({
            tier: tierSchema,
            label: z.string(),
            definition: z.string(),
            offerExpiresAfterMs: z.number(),
            updateEveryMs: z.number().nullable(),
          }),
        ),
      }),
      run: () => {
        const { policy } = activePolicy()
        return {
          tiers: tiers.map((tier) => ({
            tier,
            label: policy.tiers[tier].label ?? tierDefinitions[tier].label,
            definition: tierDefinitions[tier].definition,
            offerExpiresAfterMs: policy.tiers[tier].offer_expires_after,
            updateEveryMs: policy.tiers[tier].update_every,
          })),
        }
      },
    }),
  ]
}
