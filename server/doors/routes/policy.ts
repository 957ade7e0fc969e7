import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { parseDuration } from '#shared/policy.ts'
import { policyCheckSchema, policyTextSchema, type TrialView, trialViewSchema, withoutUnseen } from '#shared/trial.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { PolicyDesk, TrialDesk } from '../../policy/port.ts'
import { type ChannelDesk, unknownChannelsIn } from '../../tell/index.ts'
import { type Call, idParams, type Route, route, signedIn } from './route.ts'

const tag = 'Policy'
/** A policy of some thousand services and rules. */
const textBytes = 2 * 1024 * 1024
const text = z.string().max(textBytes).describe('The whole policy, as YAML')

export interface PolicyRouteParts {
  access: Pick<Access, 'actorName'>
  commandRoom: Pick<CommandRoom, 'record' | 'sees'>
  policyDesk: PolicyDesk
  trials: TrialDesk
  channels: Pick<ChannelDesk, 'get'>
}

/** The text of the policy, and what another would have made of the past. */
export function policyRoutes({ access, commandRoom, policyDesk, trials, channels }: PolicyRouteParts): Route[] {
  const asked = ({ who }: Pick<Call, 'who'>) => {
    const id = who.by.startsWith('person:') ? who.by.slice('person:'.length) : who.by
    return { id, name: access.actorName(who.by) }
  }
  /** Administrators try policies too, and see no more of incidents by it. */
  const trialFor = (call: Pick<Call, 'identity'>, trial: TrialView): TrialView => {
    const { actor } = signedIn(call)
    const { result } = trial
    return { ...trial, result: result && withoutUnseen(result, (id) => commandRoom.sees(actor, id)) }
  }
  return [
    route({
      method: 'get',
      path: '/api/policy/text',
      action: 'policy.read',
      tag,
      summary: 'The text of the policy file as it stands there now, and whether it can be written from here',
      answer: policyTextSchema,
      run: () => policyDesk.read(),
    }),
    route({
      method: 'put',
      path: '/api/policy/text',
      action: 'policy.change',
      tag,
      summary: 'Write the policy file, if it is still as it was read, and make it active; else 409 with what to do',
      bodyBytes: textBytes,
      body: z.strictObject({
        text,
        from: z.string().max(64).describe('Hash of the text that was changed'),
        reason: z.string().trim().min(1, 'say why').max(1000),
      }),
      answer: z.strictObject({ hash: z.string() }),
      run: async ({ body, who }) => {
        const hash = await policyDesk.write(body.text, body.from)
        const { from, reason } = body
        await commandRoom.record({
          ...{ ...who, action: 'policy.change', subject: hash, outcome: 'done', detail: { from }, reason },
        })
        return { hash }
      },
    }),
    route({
      method: 'post',
      path: '/api/policy/check',
      action: 'policy.read',
      tag,
      summary: 'What is wrong with a text of a policy, by line; nothing is kept',
      bodyBytes: textBytes,
      body: z.strictObject({ text }),
      answer: policyCheckSchema,
      run: async ({ body }) => ({
        ...(await policyDesk.check(body.text)),
        warnings: unknownChannelsIn(body.text, (id) => channels.get(id) !== undefined),
      }),
    }),
    route({
      method: 'post',
      path: '/api/policy/try',
      action: 'policy.try',
      tag,
      summary: 'Try a policy on the kept log, beside that of the day; one at a time',
      bodyBytes: textBytes,
      body: z.strictObject({
        text,
        last: z.string().max(20).default('24h').describe('How far back from now: `1h`, `24h`, `7d`'),
      }),
      answer: trialViewSchema,
      status: 202,
      run: async (call) => {
        const { text, last } = call.body
        const trial = await trials.begin(asked(call), { text, lastMs: lengthOf(last) })
        const { hash, lastMs } = trial
        await commandRoom.record({
          ...{ ...call.who, action: 'policy.try', subject: hash, outcome: 'done', detail: { lastMs } },
        })
        return trialFor(call, trial)
      },
    }),
    route({
      method: 'get',
      path: '/api/policy/try',
      action: 'policy.try',
      tag,
      summary: 'The trial that runs now, if there is one',
      answer: z.strictObject({ running: trialViewSchema.nullable() }),
      run: (call) => {
        const running = trials.running()
        return { running: running && trialFor(call, running) }
      },
    }),
    route({
      method: 'get',
      path: '/api/policy/try/:id',
      action: 'policy.try',
      tag,
      summary: 'How far a trial is, and its result: for an hour after its end',
      params: idParams,
      answer: trialViewSchema,
      run: (call) => trialFor(call, trials.get(call.params.id)),
    }),
    route({
      method: 'delete',
      path: '/api/policy/try/:id',
      action: 'policy.try',
      tag,
      summary: 'Cancel a trial; one that has ended stays as it is',
      params: idParams,
      answer: trialViewSchema,
      run: async (call) => {
        const { id } = call.params
        const before = trials.get(id).state
        const trial = trials.cancel(id, asked(call).name)
        if (before === 'running')
          await commandRoom.record({
            ...{ ...call.who, action: 'policy.try.cancel', subject: trial.hash, outcome: 'done' },
          })
        return trialFor(call, trial)
      },
    }),
  ]
}

/** @throws UxbridgeError `fields-invalid` */
function lengthOf(last: string): number {
  try {
    return parseDuration(last)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UxbridgeError('fields-invalid', error.message, { fields: [{ path: 'last', message: error.message }] })
  }
}
