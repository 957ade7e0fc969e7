import { type Policy, type PolicyInput, policySchema } from '#shared/policy.ts'
import { makeRota, type RotaParts, type WholeRota } from './rota.ts'
import type { Change } from './shifts.ts'

/** An instant as people write it. */
export const at = (text: string): number => Date.parse(text)
/** A stretch as `from/to`, to the minute, UTC: for comparing. */
export const span = ({ from, to }: { from: number; to: number }): string =>
  `${new Date(from).toISOString().slice(0, 16)}/${new Date(to).toISOString().slice(0, 16)}`

type RotationInput = NonNullable<PolicyInput['rotations']>[number]
type LayerInput = RotationInput['layers'][number]

/** Summer time in the north, in the south, by half an hour, at midnight, by two hours; odd offsets; a day that never was. */
export const zones = [
  ...['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'Australia/Adelaide', 'Australia/Lord_Howe'],
  ...['America/Santiago', 'Asia/Kolkata', 'Asia/Kathmandu', 'Antarctica/Troll', 'Pacific/Apia', 'Africa/Casablanca'],
]

export const people = ['ana', 'ben', 'cem', 'dov']

/** A policy with these rotations; all of the team `team`. */
export function policyWith(
  rotations: (Partial<Omit<RotationInput, 'layers'>> & { layers: Partial<LayerInput>[] })[],
  more: PolicyInput = {},
): Policy {
  return policySchema.parse({
    teams: [{ id: 'team', members: people }],
    ...more,
    rotations: rotations.map((rotation, index) => ({
      id: `r${index + 1}`,
      team: 'team',
      time_zone: 'UTC',
      ...rotation,
      layers: rotation.layers.map((layer) => ({ people: ['ana'], starts: '2026-01-05T09:00', turn: '1w', ...layer })),
    })),
  })
}

let made = 0
/** A change as the books hand it over; each takes effect after the one made before. */
export const change = (one: Partial<Change> & Pick<Change, 'from' | 'to' | 'person'>): Change => {
  made++
  return { id: `c${made}`, by: 'override', rotation: 'r1', layer: null, insteadOf: null, at: made, ...one }
}

export function rotaOf(policy: Policy, changes: readonly Change[] = [], over: Partial<RotaParts> = {}): WholeRota {
  const imported = new Map()
  return makeRota({
    policy: () => policy,
    changes: () => changes,
    imported: () => imported,
    mayRespond: () => true,
    ...over,
  })
}
