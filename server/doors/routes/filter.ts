import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { alertWhySchema, filterViewSchema, ruleViewSchema } from '#shared/filter-room.ts'
import type { FilterPicture } from '../../picture/port.ts'
import { idParams, type Route, route, signedIn } from './route.ts'

const tag = 'Filter room'

export interface FilterRouteParts {
  filterRoom: FilterPicture
}

/** The filter room: what every rule does and holds back, and why an alert is where it is. */
export function filterRoutes({ filterRoom }: FilterRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/filter',
      action: 'ledger.read',
      tag,
      summary: 'The flow: sources, stages in their order, every rule with its figures, and the sum of the last hour',
      answer: filterViewSchema,
      run: () => filterRoom.view(),
    }),
    route({
      method: 'get',
      path: '/api/filter/rules/:stage/:rule',
      action: 'alert.read',
      tag,
      summary: 'One rule: who made it, its text, what it holds back now, and what it decided; silences by their id',
      params: z.strictObject({ stage: z.string().min(1).max(40), rule: z.string().min(1).max(120) }),
      query: z.strictObject({
        before: z.coerce.number().int().positive().optional().describe('`next` of the page before'),
      }),
      answer: ruleViewSchema,
      run: async (call) => {
        const { stage, rule } = call.params
        const view = await filterRoom.rule(stage, rule, signedIn(call).actor, call.query.before)
        if (view !== null) return view
        throw new UxbridgeError(
          'not-found',
          `There is no rule "${rule.slice(0, 80)}" in stage "${stage}", and none has decided anything under that name.`,
        )
      },
    }),
    route({
      method: 'get',
      path: '/api/alerts/:id/why',
      action: 'alert.read',
      tag,
      summary: 'Why an alert is where it is: every decision about it, and what holds it back now',
      params: idParams,
      answer: alertWhySchema,
      run: async (call) => {
        const why = await filterRoom.alertWhy(call.params.id, signedIn(call).actor)
        if (why !== null) return why
        throw new UxbridgeError('not-found', 'Nothing is known of such an alert.')
      },
    }),
  ]
}
