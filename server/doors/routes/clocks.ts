import { clockRulesOf } from '#shared/legal/policy.ts'
import { inForce } from '#shared/legal/reckoning.ts'
import { clockDefinitionsSchema } from '#shared/legal/view.ts'
import type { Policy } from '#shared/policy.ts'
import { clockDefinitionView } from '../../picture/index.ts'
import { type Route, route } from './route.ts'

export interface ClockRouteParts {
  activePolicy(): { policy: Policy }
  now: () => number
}

/** Legal and agreed clocks: which there are. They are started and stopped by commands. */
export function clockRoutes({ activePolicy, now }: ClockRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/clocks',
      action: 'incident.read',
      tag: 'Incidents',
      summary: 'Legal and agreed clocks that can be started now, by the policy; never legal advice',
      answer: clockDefinitionsSchema,
      run: () => ({
        definitions: inForce(clockRulesOf(activePolicy().policy.clocks).definitions, now()).map(clockDefinitionView),
      }),
    }),
  ]
}
