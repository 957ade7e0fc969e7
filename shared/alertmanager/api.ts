import { z } from 'zod'

/**
 * The version of Alertmanager's API that we speak, with our name behind it: clients choose by the number how they read us
 * (karma wants 0.22 or later), people see what it is.
 */
export const alertmanagerVersion = '0.34.0-uxbridge'

// The shapes of Alertmanager's API v2. Source: prometheus/alertmanager api/v2/openapi.yaml. Instants are RFC 3339.

const instant = z.iso.datetime({ precision: 3 })
const labelSet = z.record(z.string(), z.string())
const receiverReference = z.strictObject({ name: z.string() })

export const receiverSchema = z.strictObject({ name: z.string(), labels: labelSet })

export const gettableAlertSchema = z.strictObject({
  annotations: labelSet,
  endsAt: instant.describe('While it fires: until when it counts as firing unless it is heard of again'),
  fingerprint: z.string().describe('Of its labels; 16 hex digits'),
  receivers: z.array(receiverReference),
  startsAt: instant,
  status: z.strictObject({
    inhibitedBy: z.array(z.string()),
    mutedBy: z.array(z.string()),
    silencedBy: z.array(z.string()).describe('Ids of silences'),
    state: z.enum(['unprocessed', 'active', 'suppressed']),
  }),
  updatedAt: instant.describe('When it was last heard of'),
  generatorURL: z.string().optional(),
  labels: labelSet,
})
export const alertGroupSchema = z.strictObject({
  alerts: z.array(gettableAlertSchema),
  labels: labelSet,
  receiver: receiverReference,
  routeLabels: labelSet,
})

export const statusSchema = z.strictObject({
  cluster: z.strictObject({
    name: z.string(),
    status: z.enum(['ready', 'settling', 'disabled']),
    peers: z.array(z.strictObject({ name: z.string(), address: z.string() })),
  }),
  versionInfo: z.strictObject({
    version: z.string(),
    revision: z.string(),
    branch: z.string(),
    buildUser: z.string(),
    buildDate: z.string(),
    goVersion: z.string(),
  }),
  config: z.strictObject({ original: z.string().describe('Route and receivers, as Alertmanager writes them') }),
  uptime: instant.describe('When it started'),
})
export type AlertmanagerStatus = z.output<typeof statusSchema>

export const silenceMatcherSchema = z.strictObject({
  isEqual: z.boolean(),
  isRegex: z.boolean(),
  name: z.string(),
  value: z.string(),
})
export const gettableSilenceSchema = z.strictObject({
  id: z.uuid(),
  status: z.strictObject({ state: z.enum(['expired', 'active', 'pending']) }),
  updatedAt: instant,
  annotations: labelSet,
  comment: z.string(),
  createdBy: z.string(),
  endsAt: instant,
  matchers: z.array(silenceMatcherSchema),
  startsAt: instant,
})
export type GettableSilence = z.output<typeof gettableSilenceSchema>
