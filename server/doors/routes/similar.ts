import { UxbridgeError } from '#shared/errors.ts'
import { similarAnswerSchema } from '#shared/similar.ts'
import type { Precedents } from '../../precedents/port.ts'
import { idParams, type Route, route, signedIn } from './route.ts'

export interface SimilarRouteParts {
  precedents: Precedents
}

/** What happened before that is like an incident. */
export function similarRoutes({ precedents }: SimilarRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/incidents/:id/similar',
      action: 'incident.read',
      tag: 'Incidents',
      summary: 'Past incidents that are like it: why, and how they ended',
      params: idParams,
      answer: similarAnswerSchema,
      run: async (call) => {
        const { id } = call.params
        const found = await precedents.similarTo(id, signedIn(call).actor)
        if (found === null) throw new UxbridgeError('not-found', `There is no incident ${id.slice(0, 40)}.`)
        return found
      },
    }),
  ]
}
