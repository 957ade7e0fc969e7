import { z } from 'zod'
import { alertGroupSchema, gettableAlertSchema, receiverSchema, statusSchema } from '#shared/alertmanager/api.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { CommandRoom } from '../../../command/port.ts'
import type { AlertmanagerPicture } from '../../../picture/port.ts'
import { JsonPieces, type Route, route, signedIn } from '../route.ts'
import { alertQueryOf, alertQuerySchema, groupQuerySchema, receiverMatchersOf, receiverQuerySchema } from './query.ts'
import { failedAs, refuseAsAlertmanager } from './refusal.ts'
import { silenceRoutes } from './silences.ts'

const tag = 'Alertmanager'

export interface AlertmanagerRouteParts {
  commandRoom: Pick<CommandRoom, 'silences'>
  alertmanager: AlertmanagerPicture
  /**
   * Reads the policy file now and makes it the active one; done when that is durable.
   * @throws UxbridgeError `policy-invalid`, also where there is no file
   */
  reloadPolicy(): Promise<void>
  now(): number
}

/**
 * Alertmanager's API v2 as its clients use it: amtool, karma, dashboards. Events come in at the intake's door; source keys
 * open nothing here but their own `GET /api/v2/status`, which that door answers.
 */
export function alertmanagerRoutes({ commandRoom, alertmanager, reloadPolicy, now }: AlertmanagerRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v2/status',
      action: 'alert.read',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'What answers here, and the routes that it groups alerts by',
      answer: statusSchema,
      run: () => alertmanager.status(),
    }),
    route({
      method: 'get',
      path: '/api/v2/alerts',
      action: 'alert.read',
      refuse: refuseAsAlertmanager,
      elsewhere: ['POST'],
      tag,
      summary: 'Firing alerts of every kind of source, by fingerprint',
      query: alertQuerySchema,
      answer: z.array(gettableAlertSchema),
      run: async (call) => new JsonPieces(await alertmanager.alerts(alertQueryOf(call.query), signedIn(call).actor)),
    }),
    route({
      method: 'get',
      path: '/api/v2/alerts/groups',
      action: 'alert.read',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'The same in groups, by the routes of the policy',
      query: groupQuerySchema,
      answer: z.array(alertGroupSchema),
      run: async (call) => new JsonPieces(await alertmanager.groups(alertQueryOf(call.query), signedIn(call).actor)),
    }),
    route({
      method: 'get',
      path: '/api/v2/receivers',
      action: 'alert.read',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'The receivers of the policy',
      query: receiverQuerySchema,
      answer: z.array(receiverSchema),
      run: ({ query }) =>
        alertmanager
          .receivers(receiverMatchersOf(query.receiver_matchers))
          .map(({ name, labels }) => ({ name, labels: { ...labels } })),
    }),
    ...silenceRoutes(commandRoom.silences, now),
    route({
      method: 'post',
      path: '/-/reload',
      action: 'policy.reload',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'Read the policy file again, now',
      answer: null,
      status: 200,
      run: async () => {
        try {
          await reloadPolicy()
        } catch (error) {
          if (!(error instanceof UxbridgeError) || error.code !== 'policy-invalid') throw error
          throw failedAs(error.code, `failed to reload config: ${error.message}`)
        }
        return undefined
      },
    }),
  ]
}
