import { z } from 'zod'
import { type DrillView, drillViewSchema } from '#shared/drill.ts'
import { parseDuration } from '#shared/policy.ts'
import { durationText } from '#shared/source.ts'
import { type OpsCommand, TypedWrong, table } from '../command.ts'

const listAnswer = z.object({
  drills: z.array(drillViewSchema),
  scenarios: z.array(z.string()),
  graphs: z.array(z.string()),
})

/** @throws TypedWrong for what is no number */
function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new TypedWrong(`--${option} is a number, not "${text}".`)
  return Number(text)
}

function lengthOf(text: string | undefined): number | undefined {
  try {
    return text === undefined ? undefined : parseDuration(text)
  } catch (error) {
    throw new TypedWrong(`--for: ${(error as RangeError).message}`)
  }
}

function stateOf({ ended, endedAt, endedBy, endsAt }: DrillView): string {
  if (ended === null) return `on until ${endsAt}`
  const how = { 'by itself': 'ended', stopped: `stopped by ${endedBy}`, restart: 'ended by a restart' }[ended]
  return `${how} ${endedAt}`
}

const toldWords = (told: number, refused: number): string =>
  `${told} requests told${refused > 0 ? `, ${refused} of them refused` : ''}.`

function saysWhat({ scenario, graph, seed, speed, told, refused, truth, incidents }: DrillView): string {
  const lines = [
    `${scenario} in ${graph}, seed ${seed}, at ${speed} times its speed.`,
    told === null ? 'The server ended in its midst; what was told is not counted.' : toldWords(told, refused ?? 0),
    `Incidents: ${incidents.join(' ') || 'none'}.`,
    ...(truth === null ? [] : [`What truly went wrong: ${truth.join('; ') || 'nothing'}.`]),
  ]
  return lines.join('\n')
}

export const drillCommands: OpsCommand[] = [
  {
    name: 'drill start',
    usage: '<scenario> [--graph shop|platform|fleet] [--seed N] [--speed 1..60] [--for 45m]',
    says: 'Exercises a failure through the real intake, marked DRILL: dependency-down, zone-loss, bad-deploy …',
    options: {
      graph: { type: 'string' },
      seed: { type: 'string' },
      speed: { type: 'string' },
      for: { type: 'string' },
    },
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const scenario = (line.args[0] ?? '')
        .trim()
        .toLowerCase()
        .replaceAll(/[\s_]+/g, '-')
      const { scenarios, graphs } = listAnswer.parse(await call('GET', '/api/drills'))
      if (!scenarios.includes(scenario)) throw new TypedWrong(`A scenario is one of ${scenarios.join(', ')}.`)
      const graph = line.option('graph')
      if (graph !== undefined && !graphs.includes(graph))
        throw new TypedWrong(`--graph is one of ${graphs.join(', ')}.`)
      const json = await call('POST', '/api/drills', {
        ...{ scenario, graph },
        seed: numberOf('seed', line.option('seed')),
        speed: numberOf('speed', line.option('speed')),
        forMs: lengthOf(line.option('for')),
      })
      const drill = drillViewSchema.parse(json)
      const length = durationText(Math.max(1000, Date.parse(drill.endsAt) - Date.parse(drill.startedAt)))
      const text = `The exercise is on: ${drill.scenario} in ${drill.graph}, seed ${drill.seed}. It ends by itself in ${length}, or with "ops drill stop".`
      return { json, text }
    },
  },
  {
    name: 'drill list',
    usage: '',
    says: 'Lists the exercises, with what truly went wrong in those that are over.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('GET', '/api/drills')
      const { drills } = listAnswer.parse(json)
      const rows = drills.map((drill) => [
        ...[drill.startedAt, drill.startedBy, drill.scenario, drill.graph, String(drill.seed), stateOf(drill)],
        String(drill.incidents.length),
      ])
      const head = ['STARTED', 'BY', 'SCENARIO', 'GRAPH', 'SEED', 'STATE', 'INCIDENTS']
      const newest = drills[0]
      if (newest === undefined) return { json, text: 'There was no exercise yet. Begin one with "ops drill start".' }
      return { json, text: `${table(head, rows)}\n\nThe newest: ${saysWhat(newest)}` }
    },
  },
  {
    name: 'drill stop',
    usage: '',
    says: 'Ends the exercise that is on: its alerts end, its incidents stay.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('POST', '/api/drills/stop')
      return { json, text: `The exercise is over.\n${saysWhat(drillViewSchema.parse(json))}` }
    },
  },
]
