import { z } from 'zod'
import { hourMs } from '#shared/clocks.ts'
import {
  channelIdSchema,
  channelListSchema,
  channelTestSchema,
  channelViewSchema,
  sharedChannelKindSchema,
  webhookBodySchema,
} from '#shared/notify/channels.ts'
import type { Policy } from '#shared/policy.ts'
import type { Access } from '../../access/port.ts'
import { type ChannelDesk, type ChannelState, channelUse } from '../../tell/index.ts'
import { idParams, type Route, route } from './route.ts'

const tag = 'Channels'
const name = z.string().trim().min(1).max(80)
const settings = z.record(z.string().max(40), z.unknown()).describe('By the names in `settings` of its kind')
const secret = z.string().nullable().describe('What it signs with, where it signs; shown once')

export interface ChannelRouteParts {
  access: Pick<Access, 'actorName'>
  channels: ChannelDesk
  activePolicy(): { policy: Policy }
}

export function channelRoutes({ access, channels, activePolicy }: ChannelRouteParts): Route[] {
  const use = () => channelUse(activePolicy().policy)
  const view = ({ paused, ...channel }: ChannelState) => ({
    ...channel,
    paused: paused === null ? null : { ...paused, by: access.actorName(paused.by) },
    namedBy: [...(use().get(channel.id) ?? [])],
  })

  return [
    route({
      method: 'get',
      path: '/api/channels',
      action: 'channel.read',
      tag,
      summary: 'Shared channels, how their last messages went, and what the policy names that is not there',
      answer: channelListSchema,
      run: () => {
        const listed = channels.list().map(view)
        const unknown = [...use()]
          .filter(([id]) => channels.get(id) === undefined)
          .map(([id, namedBy]) => ({ id, namedBy: [...namedBy] }))
        return { channels: listed, kinds: channels.kinds(), unknown }
      },
    }),
    route({
      method: 'post',
      path: '/api/channels',
      action: 'channel.manage',
      tag,
      summary: 'Add a shared channel; the answer has its signing secret, once',
      body: z.strictObject({
        kind: sharedChannelKindSchema,
        name,
        id: channelIdSchema.optional().describe('As policies name it, `channel:<id>`; without: from its name'),
        settings: settings.default({}),
      }),
      answer: z.strictObject({ channel: channelViewSchema, secret }),
      status: 201,
      run: async ({ who, body }) => {
        const added = await channels.add(who, body)
        return { channel: view(added.channel), secret: added.secret }
      },
    }),
    route({
      method: 'patch',
      path: '/api/channels/:id',
      action: 'channel.manage',
      tag,
      summary: 'Rename, pause or change a channel; settings that are not named stay, null takes one away',
      params: idParams,
      body: z.strictObject({
        name: name.optional(),
        settings: settings.optional(),
        paused: z.boolean().optional(),
        why: z.string().max(300).optional().describe('Why it is paused, for whoever looks'),
      }),
      answer: channelViewSchema,
      run: async ({ who, params, body }) => view(await channels.change(who, params.id, body)),
    }),
    route({
      method: 'post',
      path: '/api/channels/:id/test',
      action: 'channel.manage',
      tag,
      summary: 'Send a message that says it is a test, and tell what became of it',
      params: idParams,
      answer: channelTestSchema,
      run: ({ who, params }) => channels.test(who, params.id),
    }),
    route({
      method: 'post',
      path: '/api/channels/:id/rotate',
      action: 'channel.manage',
      tag,
      summary: 'A new signing secret; for a day, or as long as you say, the one before signs too',
      params: idParams,
      body: z.strictObject({
        oldEndsInMs: z
          .number()
          .int()
          .min(0)
          .max(30 * 24 * hourMs)
          .default(24 * hourMs),
      }),
      answer: z.strictObject({ channel: channelViewSchema, secret }),
      status: 201,
      run: async ({ who, params, body }) => {
        const rotated = await channels.rotate(who, params.id, body.oldEndsInMs)
        return { channel: view(rotated.channel), secret: rotated.secret }
      },
    }),
    route({
      method: 'delete',
      path: '/api/channels/:id',
      action: 'channel.manage',
      tag,
      summary: 'Remove a channel and its secrets; what the policy sends there reaches nobody from now on',
      params: idParams,
      answer: null,
      run: async ({ who, params }) => {
        await channels.remove(who, params.id)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/api/webhook.schema.json',
      action: 'public',
      tag,
      summary: 'JSON Schema of the body of outgoing webhooks',
      answer: z.looseObject({}),
      run: () => ({ ...z.toJSONSchema(webhookBodySchema) }),
    }),
  ]
}
