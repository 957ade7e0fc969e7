import { z } from 'zod'
import { errorTable, UxbridgeError } from '#shared/errors.ts'
import { withoutNumbers } from '#shared/incident/restricted.ts'
import { type Policy, policySchema } from '#shared/policy.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Picture } from '../../picture/port.ts'
import type { Reader, Verification } from '../../store/port.ts'
import { idParams, type Route, route, signedIn } from './route.ts'

const tag = 'System'

export interface SystemRouteParts {
  access: Access
  commandRoom: CommandRoom
  picture: Pick<Picture, 'homeOf'>
  read: Reader
  metrics: { contentType: string; metrics(): Promise<string> }
  activePolicy(): { policy: Policy; hash: string }
  /** The finished OpenAPI document. Asked when all routes are known. */
  openapi(): object
}

/** The policy file's JSON Schema, as people write it: durations and matchers are text. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' })
}

export function systemRoutes(parts: SystemRouteParts): Route[] {
  const { access, commandRoom, picture, read, metrics, activePolicy, openapi } = parts
  let verifying: Promise<Verification> | null = null
  /** One at a time: it reads everything there is. Who asks meanwhile gets the same answer. */
  function verify(): Promise<Verification> {
    verifying ??= read.verify().finally(() => {
      verifying = null
    })
    return verifying
  }

  return [
    route({
      method: 'get',
      path: '/healthz',
      action: 'public',
      watched: true,
      tag,
      summary: 'Answers while the process is alive',
      answer: z.strictObject({ status: z.literal('ok') }),
      run: () => ({ status: 'ok' as const }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      action: 'public',
      watched: true,
      tag,
      summary: 'Answers 200 when the picture is restored and events can be taken in',
      answer: z.strictObject({ status: z.literal('ready') }),
      run: () => {
        if (!commandRoom.ready())
          throw new UxbridgeError(
            'not-ready',
            'The server is starting, stopping, or cannot write. Try again in a few seconds.',
          )
        return { status: 'ready' as const }
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      action: 'metrics.read',
      orLoopback: true,
      watched: true,
      tag,
      summary: 'Own metrics, in Prometheus text',
      answer: 'text',
      run: async ({ reply }) => {
        reply.setHeader('Content-Type', metrics.contentType)
        return metrics.metrics()
      },
    }),
    route({
      method: 'get',
      path: '/api/openapi.json',
      action: 'public',
      tag,
      summary: 'This document',
      answer: z.looseObject({ openapi: z.string() }),
      run: () => openapi() as { openapi: string },
    }),
    route({
      method: 'get',
      path: '/api/errors',
      action: 'public',
      tag,
      summary: 'Every error code with its status and meaning',
      answer: z.strictObject({
        errors: z.record(z.string(), z.strictObject({ status: z.number(), means: z.string() })),
      }),
      run: () => ({ errors: errorTable }),
    }),
    route({
      method: 'get',
      path: '/api/policy.schema.json',
      action: 'public',
      tag,
      summary: 'JSON Schema of the policy file',
      answer: z.looseObject({}),
      run: () => ({ ...policyJsonSchema() }),
    }),
    route({
      method: 'get',
      path: '/api/policy',
      action: 'policy.read',
      tag,
      summary: 'Which policy is active',
      answer: z.strictObject({
        hash: z.string(),
        services: z.array(z.strictObject({ id: z.string(), team: z.string().nullable(), tier: z.number().nullable() })),
        teams: z.array(
          z.strictObject({
            id: z.string(),
            name: z.string(),
            members: z.array(z.strictObject({ id: z.string(), name: z.string() })),
          }),
        ),
        definitions: z.array(z.strictObject({ name: z.string(), as: z.union([z.number(), z.string()]) })),
        correlate: z.array(
          z.strictObject({
            name: z.string(),
            kind: z.enum(['by', 'along', 'cause']),
            by: z.array(z.string()).describe('Labels that must be equal'),
            windowMs: z.number(),
            capMs: z.number(),
          }),
        ),
      }),
      run: () => {
        const { policy, hash } = activePolicy()
        return {
          hash,
          services: policy.services.map(({ id, team, tier }) => ({ id, team: team ?? null, tier: tier ?? null })),
          teams: policy.teams.map(({ id, name, members }) => ({
            id,
            name: name ?? id,
            members: members.map((person) => ({ id: person, name: access.nameOf(person) })),
          })),
          definitions: policy.definitions.map(({ name, as }) => ({ name, as })),
          correlate: policy.correlate.map(({ name, by, along, equal, window, cap }) => ({
            name,
            kind: by !== undefined ? ('by' as const) : along !== undefined ? ('along' as const) : ('cause' as const),
            by: by ?? equal,
            windowMs: window,
            capMs: cap,
          })),
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/audit/verification',
      action: 'audit.read',
      tag: 'Audit',
      summary: 'Proves the record row by row; takes long',
      answer: z.strictObject({
        ok: z.boolean(),
        checked: z.record(z.string(), z.number()),
        head: z.strictObject({ commit: z.number(), hash: z.string() }),
        problems: z.array(z.strictObject({ row: z.string(), what: z.string() })),
      }),
      run: async (call) => {
        const { actor, via } = signedIn(call)
        const isSeen = (incidentId: string) => via === 'local' || commandRoom.sees(actor, incidentId)
        const found = await verify()
        const quiet = (text: string) => withoutNumbers(text, isSeen)
        return { ...found, problems: found.problems.map(({ row, what }) => ({ row: quiet(row), what: quiet(what) })) }
      },
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/export',
      action: 'audit.read',
      tag: 'Audit',
      summary: 'Everything the journal has of one incident: state, facts, alerts, decisions',
      params: idParams,
      answer: z.strictObject({
        incident: z.looseObject({ id: z.string() }),
        facts: z.array(z.looseObject({})),
        alerts: z.array(z.looseObject({})),
        decisions: z.array(z.looseObject({})),
        people: z.record(z.string(), z.string()),
      }),
      run: async (call) => {
        const { params, who } = call
        const { actor, via } = signedIn(call)
        const isSeen = (incidentId: string) => via === 'local' || commandRoom.sees(actor, incidentId)
        const incident = await read.incident(params.id)
        if (incident === null) throw new UxbridgeError('not-found', `There is no incident ${params.id.slice(0, 40)}.`)
        await commandRoom.record({ ...who, action: 'incident.export', subject: params.id, outcome: 'done' })
        const [facts, alerts, decisions] = await Promise.all([
          read.factsOf(params.id),
          read.alertsOf(params.id, 100_000),
          read.decisionsOf(params.id, 100_000),
        ])
        const ids = new Set(facts.flatMap(({ by }) => (by.startsWith('person:') ? [by.slice('person:'.length)] : [])))
        // Of what went to another incident since, only who sees that one is told anything.
        const isHere = (alertId: string | null) => isSeen((alertId && picture.homeOf(alertId)) ?? params.id)
        const people = Object.fromEntries([...ids].map((id) => [id, access.nameOf(id)]))
        return {
          incident: named({ ...incident }, isSeen),
          facts: facts.map((fact) => named({ ...fact }, isSeen)),
          alerts: alerts.filter(({ id }) => isHere(id)).map((alert) => ({ ...alert })),
          decisions: decisions
            .filter(({ alertId }) => isHere(alertId))
            .map((decision) => named({ ...decision }, isSeen)),
          people,
        }
      },
    }),
  ]
}

/** Where facts and decisions name other incidents; what people wrote stays as they wrote it. */
const namesOthers: ReadonlySet<string> = new Set(['into', 'to', 'from', 'reason', 'changed'])

/** The same without the numbers of incidents that are not there for whoever asks (rule RS1). */
function named<T extends object>(value: T, isSeen: (incidentId: string) => boolean): T {
  const inside = (each: unknown, name: string): unknown => {
    if (typeof each === 'string') return namesOthers.has(name) ? withoutNumbers(each, isSeen) : each
    if (Array.isArray(each)) return each.map((one) => inside(one, name))
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(Object.entries(each).map(([own, one]) => [own, inside(one, own)]))
  }
  return inside(value, '') as T
}
