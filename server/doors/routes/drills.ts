import { z } from 'zod'
import { type DrillView, drillLengths, drillSpeeds, drillViewSchema } from '#shared/drill.ts'
import type { CommandRoom } from '../../command/port.ts'
import { type DrillDesk, drillGraphs, drillScenarios } from '../../demo/port.ts'
import { type Call, type Route, route, signedIn } from './route.ts'

const tag = 'Drills'

export interface DrillRouteParts {
  drills: DrillDesk
  commandRoom: Pick<CommandRoom, 'sees'>
}

/** Exercises through the real intake, marked and kept apart. */
export function drillRoutes({ drills, commandRoom }: DrillRouteParts): Route[] {
  const viewFor = (call: Pick<Call, 'identity'>, view: DrillView): DrillView => {
    const { actor } = signedIn(call)
    return { ...view, incidents: view.incidents.filter((id) => commandRoom.sees(actor, id)) }
  }

  return [
    route({
      method: 'get',
      path: '/api/drills',
      action: 'incident.read',
      tag,
      summary: 'Exercises, the newest first, and what can be exercised',
      answer: z.strictObject({
        drills: z.array(drillViewSchema),
        scenarios: z.array(z.string()),
        graphs: z.array(z.string()).describe('Whose services it may happen to'),
      }),
      run: (call) => ({
        drills: drills.list().map((drill) => viewFor(call, drill)),
        scenarios: [...drillScenarios],
        graphs: [...drillGraphs],
      }),
    }),
    route({
      method: 'post',
      path: '/api/drills',
      action: 'drill.manage',
      tag,
      summary: 'Begin an exercise; there is one at a time, and it ends by itself',
      body: z.strictObject({
        scenario: z.enum(drillScenarios),
        graph: z.enum(drillGraphs).default('shop'),
        seed: z.int().min(0).max(4_294_967_295).optional().describe('The same seed plays the same'),
        speed: z
          .number()
          .min(drillSpeeds.least)
          .max(drillSpeeds.most)
          .default(1)
          .describe('Minutes of the scenario in one of ours'),
        forMs: z
          .int()
          .min(drillLengths.least)
          .max(drillLengths.most)
          .default(drillLengths.usual)
          .describe('So much of the scenario, in its own time'),
      }),
      answer: drillViewSchema,
      status: 201,
      run: async (call) => viewFor(call, await drills.start(call.who, call.body)),
    }),
    route({
      method: 'post',
      path: '/api/drills/stop',
      action: 'drill.manage',
      tag,
      summary: 'End the exercise that is on: all its alerts end, its incidents stay',
      answer: drillViewSchema,
      run: async (call) => viewFor(call, await drills.stop(call.who)),
    }),
  ]
}
