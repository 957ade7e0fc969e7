import type { RotaView, ShiftView } from '#shared/duty/view.ts'
import type { PolicyInput } from '#shared/policy.ts'
import type { Api } from '../client.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const date = (at: number): string => new Date(at).toISOString().slice(0, 10)
const iso = (at: number): string => new Date(at).toISOString()
/** The Monday before, at midnight. 1970-01-05 was one. */
const mondayBefore = (at: number): number => Math.floor((at - 4 * dayMs) / (7 * dayMs)) * 7 * dayMs + 4 * dayMs

/** How the desks of the teams are reached. Numbers that are kept for stories. */
export const phones: Readonly<Record<string, { answered_by: string; reach: string }>> = {
  payments: { answered_by: 'rotation:payments', reach: 'Payments desk, +353 20 912 0142' },
  platform: { answered_by: 'rotation:platform', reach: 'Platform desk, +49 30 23125 118' },
}

/** People of the rotation of commanders, by key; the only team that is there for its rotation alone. */
export const commandTeam = { id: 'command', name: 'Incident command', members: ['visitor', 'ines'] }

/**
 * The demo's rotations. A bank holiday next week, on which nobody of the shop is on, is the gap to be seen ahead; who is in
 * two teams is not on in both by turns.
 * @param now epoch ms: turns began some weeks before
 * @param idOf the person's id for a player's key; before people exist, there are no rotations
 */
export function demoRota(
  now: number,
  idOf: (key: string) => string | null,
): Pick<PolicyInput, 'rotations' | 'holidays'> {
  const ids = (...keys: string[]): string[] => keys.flatMap((key) => idOf(key) ?? [])
  if (ids(...commandTeam.members, 'tomasz', 'kenji').length < 4) return {}
  const monday = mondayBefore(now)
  const starts = (time: string) => `${date(monday - 21 * dayMs)}T${time}`
  const holiday = date(monday + 8 * dayMs)
  const year = date(now).slice(0, 4)
  return {
    holidays: [
      {
        id: 'ireland',
        name: 'Ireland, bank holidays',
        days: [
          { date: holiday, name: 'Bank holiday' },
          { date: `${year}-12-25`, until: `${year}-12-26`, name: 'Christmas' },
        ],
      },
    ],
    rotations: [
      {
        id: 'payments',
        name: 'Payments',
        team: 'payments',
        time_zone: 'Europe/Dublin',
        layers: [
          { name: 'first', people: ids('tomasz', 'amara', 'priya'), starts: starts('09:00'), turn: '1w' },
          { name: 'second', people: ids('amara', 'priya', 'tomasz'), starts: starts('09:00'), turn: '1w' },
        ],
      },
      {
        id: 'platform',
        name: 'Platform',
        team: 'platform',
        time_zone: 'Europe/Berlin',
        layers: [
          {
            name: 'day',
            people: ids('joaquin', 'kenji', 'leila'),
            starts: starts('08:00'),
            turn: '1w',
            on: [{ times: [{ from: '08:00', to: '20:00' }] }],
          },
          {
            name: 'night',
            people: ids('joaquin', 'kenji', 'leila'),
            starts: starts('20:00'),
            turn: '1d',
            on: [{ times: [{ from: '20:00', to: '08:00' }] }],
          },
        ],
      },
      {
        id: 'shop',
        name: 'Shop front, office hours',
        team: 'shop',
        time_zone: 'Europe/Dublin',
        layers: [
          {
            name: 'office',
            people: ids('priya', 'joaquin', 'amara'),
            // At the hour of Payments: so nobody is on in both for an hour.
            starts: starts('09:00'),
            turn: '1w',
            on: [{ weekdays: ['monday:friday'], times: [{ from: '08:00', to: '18:00' }] }],
            holidays: { calendars: ['ireland'] },
          },
        ],
        covers: [{ weekdays: ['monday:friday'], times: [{ from: '08:00', to: '18:00' }] }],
      },
      {
        id: 'command',
        name: 'Incident command',
        team: commandTeam.id,
        time_zone: 'Europe/Dublin',
        layers: [{ people: ids(...commandTeam.members), starts: starts('08:00'), turn: '12h' }],
      },
    ],
  }
}

export interface RotaCast {
  idOf(key: string): string | null
  apiOf(key: string): Api
  now(): number
  /** Resolves after so many ms. */
  pause(ms: number): Promise<void>
}

const mostLooks = 50
const lookEveryMs = 200

/**
 * Once the server has read the policy with the rotations: somebody is put in for a concert, one shift is offered to a team,
 * and one to whoever watches.
 * @throws Error where the server refuses one of them
 */
export async function arrangeRota({ idOf, apiOf, now, pause }: RotaCast): Promise<void> {
  const api = apiOf('ines')
  const from = Math.floor(now() / dayMs) * dayMs
  const ask = () => api.must<RotaView>('GET', `/api/rota?from=${iso(from)}&to=${iso(from + 28 * dayMs)}`)
  let rota = await ask()
  for (let look = 0; rota.rotations.length === 0 && look < mostLooks; look++) {
    await pause(lookEveryMs)
    rota = await ask()
  }
  const shifts = rota.rotations.flatMap((rotation) => rotation.shifts)
  const tomorrow = from + dayMs
  const nextOf = (key: string, rotation: string, layer: string): ShiftView | undefined =>
    shifts.find((shift) => {
      const isTheirs = shift.person === idOf(key) && shift.rotation === rotation && shift.layer === layer
      return isTheirs && Date.parse(shift.from) > now() + 6 * hourMs
    })
  await api.must('POST', '/api/rota/overrides', {
    ...{ rotation: 'platform', layer: 'day', person: idOf('leila') },
    ...{ from: iso(tomorrow + 13 * hourMs), to: iso(tomorrow + 18 * hourMs) },
    reason: 'School concert; Leila takes the afternoon',
  })
  // Amara answers for payments that week: a double booking to be seen ahead.
  const thursday = mondayBefore(now()) + 10 * dayMs
  await api.must('POST', '/api/rota/overrides', {
    ...{ rotation: 'shop', layer: 'office', person: idOf('amara') },
    ...{ from: iso(thursday + 8 * hourMs), to: iso(thursday + 18 * hourMs) },
    reason: 'Joaquín is on leave',
  })
  const night = nextOf('kenji', 'platform', 'night')
  if (night !== undefined)
    await apiOf('kenji').must('POST', '/api/rota/swaps', {
      ...{ rotation: night.rotation, layer: night.layer, from: night.from, to: night.to },
      ...{ offerTo: 'team:platform', reason: 'Dentist early the next morning' },
    })
  const command = nextOf('ines', 'command', '1')
  if (command !== undefined)
    await api.must('POST', '/api/rota/swaps', {
      ...{ rotation: command.rotation, layer: command.layer, from: command.from, to: command.to },
      ...{ offerTo: idOf('visitor'), reason: 'My flight lands late; can you stay on?' },
    })
}
