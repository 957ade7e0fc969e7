import { z } from 'zod'
import { type ErrorBody, type ErrorCode, errorTable, UxbridgeError } from '#shared/errors.ts'
import { withoutNumbers } from '#shared/incident/restricted.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Reader } from '../../store/port.ts'
import { refusalOf } from '../refusal.ts'
import { type Route, route, signedIn } from './route.ts'

const params = z.strictObject({ id: z.string().min(1).max(128).describe('As whoever sent it made it') })

const answer = z.strictObject({
  known: z.boolean().describe('False: no command of this id of yours was ever answered, so it did nothing'),
  error: z
    .strictObject({
      code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    })
    .nullable()
    .describe('Why it was refused; null: it was done, or it is not known'),
})

/** What became of a command whose answer was lost on the way: asked without doing it, unlike sending it again. */
export function commandRoutes({
  access,
  commandRoom,
  read,
}: {
  access: Pick<Access, 'nameOf'>
  commandRoom: Pick<CommandRoom, 'sees'>
  read: Reader
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/commands/:id',
      action: 'incident.read',
      tag: 'Incidents',
      summary: 'What became of a command of mine',
      params,
      answer,
      run: async (call) => {
        const { actor } = signedIn(call)
        const stored = await read.answer(actor.id, call.params.id)
        if (stored === null) return { known: false, error: null }
        if (stored.status === 200 || stored.body === null) return { known: true, error: null }
        const isSeen = (id: string) => commandRoom.sees(actor, id)
        const { incidentId } = stored.body as { incidentId?: string }
        const told = JSON.parse(withoutNumbers(JSON.stringify(stored.body), isSeen)) as ErrorBody
        // What it says of an incident that is not there for them any more is not theirs to read again.
        const refused =
          incidentId !== undefined && !isSeen(incidentId)
            ? new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
            : new UxbridgeError(told.code, told.message, told.details)
        // A stored refusal is one of ours, never a fault that would have to be logged.
        const { body } = refusalOf(refused, { nameOf: access.nameOf, log: { error: () => undefined } })
        return { known: true, error: body }
      },
    }),
  ]
}
