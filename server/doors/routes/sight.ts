import { sightSchema } from '#shared/incident/sight.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Picture } from '../../picture/port.ts'
import { idParams, type Route, route } from './route.ts'

/** Who sees an incident while it is restricted: asked before somebody restricts it, and while it is. */
export function sightRoutes({
  commandRoom,
  picture,
}: {
  commandRoom: CommandRoom
  picture: Pick<Picture, 'nameOf'>
}): Route[] {
  const named = (ids: readonly string[]) => ids.map((id) => ({ id, name: picture.nameOf(id) }))
  return [
    route({
      method: 'get',
      path: '/api/incidents/:id/sight',
      action: 'incident.read',
      tag: 'Incidents',
      summary: 'Who sees it while it is restricted, or would see it',
      params: idParams,
      answer: sightSchema,
      run: async ({ params }) => {
        const { team, commanders, onCall, named: parts } = await commandRoom.sight(params.id)
        return { team, commanders: named(commanders), onCall: named(onCall), named: named(parts) }
      },
    }),
  ]
}
