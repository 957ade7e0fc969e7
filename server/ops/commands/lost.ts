import { z } from 'zod'
import { lostViewSchema } from '#shared/lost.ts'
import { type Call, OpsRefused } from '../call.ts'
import { type OpsCommand, type Told, TypedWrong, table } from '../command.ts'

const listAnswer = z.object({
  items: z.array(lostViewSchema),
  next: z.string().nullable(),
  sources: z.array(z.object({ id: z.string(), name: z.string(), waiting: z.number(), madeRoom: z.number() })),
})
const triedAnswer = z.object({
  found: z.number(),
  still: z.number(),
  events: z.number(),
  incidents: z.array(z.string()),
  items: z.array(z.object({ id: z.string(), state: z.string(), reason: z.string() })),
})
const states = ['lost', 'found', 'discarded', 'all']

/** @throws OpsRefused where nothing of such a source is lost, or ever was */
async function sourceCalled(call: Call, named: string): Promise<string> {
  const { sources } = z
    .object({ sources: z.array(z.object({ id: z.string(), name: z.string() })) })
    .parse(await call('GET', '/api/sources'))
  const found = sources.find(({ id, name }) => id === named || name.toLowerCase() === named.toLowerCase())
  if (found === undefined)
    throw new OpsRefused({
      code: 'not-found',
      message: `No source has the name or id ${named}. See "ops source list".`,
    })
  return found.id
}

function toldTried(json: unknown): Told {
  const { found, still, events, incidents, items } = triedAnswer.parse(json)
  const lines = [
    `${found} can be read now: ${events} ${events === 1 ? 'event' : 'events'} taken in${incidents.length > 0 ? `, in ${incidents.join(', ')}` : ''}.`,
    ...(still > 0 ? [`${still} still cannot:`] : []),
    ...items.filter(({ state }) => state === 'lost').map(({ id, reason }) => `  ${id}  ${reason}`),
  ]
  return { json, text: lines.join('\n'), ok: still === 0 }
}

export const lostCommands: OpsCommand[] = [
  {
    name: 'lost list',
    usage: '[--source <name or id>] [--state lost|found|discarded|all]',
    says: 'Lists what could not be read, newest first; at most 500.',
    options: { source: { type: 'string' }, state: { type: 'string', default: 'lost' } },
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(line, call) {
      const state = line.option('state') ?? 'lost'
      if (!states.includes(state)) throw new TypedWrong(`--state is one of ${states.join(', ')}.`)
      const named = line.option('source')
      const query = new URLSearchParams({ limit: '500' })
      if (state !== 'all') query.set('state', state)
      if (named !== undefined) query.set('source', await sourceCalled(call, named))
      const json = await call('GET', `/api/lost?${query}`)
      const { items, sources } = listAnswer.parse(json)
      const rows = items.map((item) => [
        item.id,
        item.receivedAt,
        item.source.name,
        item.members === '*' ? 'all' : item.members,
        item.state,
        item.reason,
      ])
      const pushed = sources.filter(({ madeRoom }) => madeRoom > 0)
      const text = [
        items.length === 0 ? 'Nothing.' : table(['ID', 'RECEIVED', 'SOURCE', 'MEMBERS', 'STATE', 'REASON'], rows),
        ...pushed.map(({ name, madeRoom }) => `${name}: ${madeRoom} older ones made room and are gone.`),
      ]
      return { json, text: text.join('\n') }
    },
  },
  {
    name: 'lost retry',
    usage: '<id> | --source <name or id>',
    says: 'Reads lost property again, after its mapping or settings were mended. Exit status 1 when some still cannot be read.',
    options: { source: { type: 'string' } },
    args: { min: 0, max: 1 },
    needs: 'house',
    async run(line, call) {
      const [id] = line.args
      const named = line.option('source')
      if ((id === undefined) === (named === undefined)) throw new TypedWrong('Write an id, or --source with a name.')
      if (named === undefined)
        return toldTried(await call('POST', `/api/lost/${encodeURIComponent(id ?? '')}/retry`, {}))
      return toldTried(await call('POST', `/api/sources/${await sourceCalled(call, named)}/lost/retry`, {}))
    },
  },
]
