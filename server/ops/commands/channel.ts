import { z } from 'zod'
import { type ChannelView, channelListSchema, channelTestSchema, channelViewSchema } from '#shared/notify/channels.ts'
import { type Call, OpsRefused } from '../call.ts'
import { type Line, type OpsCommand, TypedWrong, table } from '../command.ts'

const secretAnswer = z.object({ channel: channelViewSchema, secret: z.string().nullable() })

async function channelCalled(call: Call, named: string): Promise<ChannelView> {
  const { channels } = channelListSchema.parse(await call('GET', '/api/channels'))
  const found = channels.find(({ id, name }) => id === named || name.toLowerCase() === named.toLowerCase())
  if (found === undefined)
    throw new OpsRefused({
      code: 'not-found',
      message: `No channel has the name or id ${named}. See "ops channel list".`,
    })
  return found
}

/** `name=value` each; one that is secret comes by standard input, because every user of a machine sees its command lines. */
async function settingsOf(line: Line): Promise<Record<string, unknown>> {
  const settings: Record<string, unknown> = {}
  for (const text of line.options('set')) {
    const [, name, value] = /^([a-z][A-Za-z0-9]*)=(.*)$/s.exec(text) ?? []
    if (name === undefined || value === undefined)
      throw new TypedWrong(`Write settings as name=value, not "${text.split('=')[0]}".`)
    settings[name] = value === 'true' ? true : value === 'false' ? false : value
  }
  const secret = line.option('secret-stdin')
  if (secret !== undefined) settings[secret] = (await line.stdin()).trim()
  return settings
}

const settingOptions = { set: { type: 'string', multiple: true }, 'secret-stdin': { type: 'string' } } as const
const one = { min: 1, max: 1 }

const shown = ({ deliveries, paused }: ChannelView): string =>
  paused === null ? (deliveries.inARow > 0 ? `failing (${deliveries.inARow})` : 'sends') : 'paused'

function toldSecret(json: unknown, first: string) {
  const { channel, secret } = secretAnswer.parse(json)
  const last = secret === null ? '' : `\nIt signs with this secret, shown only now:\n  ${secret}`
  return { json, text: `${first} ${channel.name}. Policies name it channel:${channel.id}.${last}` }
}

const pause = (paused: boolean) => async (line: Line, call: Call) => {
  const { id, name } = await channelCalled(call, line.args[0] ?? '')
  const why = paused ? line.option('why') : undefined
  const json = await call('PATCH', `/api/channels/${id}`, { paused, ...(why === undefined ? {} : { why }) })
  return { json, text: paused ? `${name} is paused: nothing is sent there.` : `${name} sends again.` }
}

export const channelCommands: OpsCommand[] = [
  {
    name: 'channel add',
    usage: '<kind> <name> [--id I] [--set name=value]… [--secret-stdin name]',
    says: 'Adds a shared channel: slack, webhook, email or ntfy. What is secret, such as the url of slack, comes by standard input.',
    options: { id: { type: 'string' }, ...settingOptions },
    args: { min: 2, max: 2 },
    needs: 'house',
    async run(line, call) {
      const [kind, name] = line.args
      const id = line.option('id')
      const settings = await settingsOf(line)
      const body = { kind, name, settings, ...(id === undefined ? {} : { id }) }
      return toldSecret(await call('POST', '/api/channels', body), 'Added')
    },
  },
  {
    name: 'channel list',
    usage: '',
    says: 'Lists the shared channels, and what the policy names that is not there.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('GET', '/api/channels')
      const { channels, unknown } = channelListSchema.parse(json)
      const rows = channels.map((channel) => [
        ...[channel.id, channel.kind, channel.name, shown(channel)],
        ...[channel.deliveries.lastAt ?? 'never', channel.namedBy.join(', ') || 'nothing'],
      ])
      const missing = unknown.map(
        ({ id, namedBy }) => `\nThere is no channel ${id}, which is named by ${namedBy.join(', ')}.`,
      )
      const head = ['ID', 'KIND', 'NAME', 'STATE', 'LAST DELIVERED', 'NAMED BY']
      return { json, text: `${table(head, rows)}${missing.join('')}` }
    },
  },
  {
    name: 'channel test',
    usage: '<name or id>',
    says: 'Sends a message that says it is a test; tells what became of it.',
    args: one,
    needs: 'house',
    async run(line, call) {
      const { id, name } = await channelCalled(call, line.args[0] ?? '')
      const json = await call('POST', `/api/channels/${id}/test`, {})
      const { ok, says, answered, tookMs } = channelTestSchema.parse(json)
      return { json, ok, text: `${name}: ${says}\nAnswered ${answered ?? 'nothing'} after ${tookMs} ms.` }
    },
  },
  {
    name: 'channel change',
    usage: '<name or id> [--name N] [--set name=value]… [--secret-stdin name]',
    says: 'Changes the name or settings of a channel; what is not named stays.',
    options: { name: { type: 'string' }, ...settingOptions },
    args: one,
    needs: 'house',
    async run(line, call) {
      const channel = await channelCalled(call, line.args[0] ?? '')
      const name = line.option('name')
      const body = { settings: await settingsOf(line), ...(name === undefined ? {} : { name }) }
      const json = await call('PATCH', `/api/channels/${channel.id}`, body)
      return { json, text: `${name ?? channel.name} is changed. Try it: ops channel test ${channel.id}` }
    },
  },
  {
    name: 'channel pause',
    usage: '<name or id> [--why W]',
    says: 'Sends nothing there until it is resumed.',
    options: { why: { type: 'string' } },
    args: one,
    needs: 'house',
    run: pause(true),
  },
  {
    name: 'channel resume',
    usage: '<name or id>',
    says: 'Sends there again.',
    args: one,
    needs: 'house',
    run: pause(false),
  },
  {
    name: 'channel rotate',
    usage: '<name or id>',
    says: 'Makes a new signing secret; for a day the one before signs too.',
    args: one,
    needs: 'house',
    async run(line, call) {
      const { id } = await channelCalled(call, line.args[0] ?? '')
      return toldSecret(await call('POST', `/api/channels/${id}/rotate`, {}), 'A new secret for')
    },
  },
  {
    name: 'channel remove',
    usage: '<name or id>',
    says: 'Removes a channel and its secrets.',
    args: one,
    needs: 'house',
    async run(line, call) {
      const { id, name, namedBy } = await channelCalled(call, line.args[0] ?? '')
      const json = await call('DELETE', `/api/channels/${id}`)
      const still = namedBy.length === 0 ? '' : ` The policy still names it: ${namedBy.join(', ')}.`
      return { json: json ?? { removed: id }, text: `${name} is removed.${still}` }
    },
  },
]
