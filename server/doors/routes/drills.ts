import { z } from 'zod'
import { drillLengths, drillSpeeds, drillViewSchema } from '#shared/drill.ts'
import { type DrillDesk, drillGraphs, drillScenarios } from '../../demo/port.ts'
import { type Route, route } from './route.ts'

const tag = 'Drills'

export interface DrillRouteParts {
  drills: DrillDesk
}

/** Exercises through the real intake, marked and kept apart. */
export function drillRoutes({ drills }: DrillRouteParts): Route[] {
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
      run: () => ({ drills: drills.list(), scenarios: [...drillScenarios], graphs: [...drillGraphs] }),
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
      run: ({ who, body }) => drills.start(who, body),
    }),
    route({
      method: 'post',
      path: '/api/drills/stop',
      action: 'drill.manage',
      tag,
      summary: 'End the exercise that is on: all its alerts end, its incidents stay',
      answer: drillViewSchema,
      run: ({ who }) => drills.stop(who),
    }),
  ]
}
