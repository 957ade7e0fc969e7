import { actionsOf, type PersonRole } from '#shared/access.ts'
import type { Me, PersonView } from '#shared/wire.ts'

const names = [
  'Aiko Tanaka',
  'Jonas Brandt',
  'Ada Okafor',
  'Kenji Ito',
  'Maja Lindqvist',
  'Rui Silva',
  'Petra Novak',
  'Camille Moreau',
  'Emre Kaya',
  'Sami Haddad',
] as const

export function person(name: string): { id: string; name: string } {
  const full = names.find((one) => one.endsWith(name)) ?? name
  return { id: `p_${name.toLowerCase()}`, name: full }
}

export function me(name: string, roles: PersonRole[]): Me {
  return { ...person(name), roles, actions: actionsOf({ roles }), teams: ['payments'] }
}

export const everybody: PersonView[] = names.map((name, index) => {
  const last = name.split(' ').at(-1) ?? name
  const roles: PersonRole[] = index === 0 ? ['commander', 'administrator'] : index === 9 ? ['viewer'] : ['responder']
  return {
    ...person(last),
    email: `${last.toLowerCase()}@example.org`,
    roles,
    disabled: index === 8,
    invited: index === 7,
  }
})
