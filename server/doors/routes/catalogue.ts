import {
  type Answerer,
  type Catalogue,
  catalogueSchema,
  dependantsOf,
  type EscalationView,
  type ServiceView,
  type TargetView,
  type TeamCard,
} from '#shared/catalogue.ts'
import { isOpen } from '#shared/incident/state.ts'
import { formatMatcher } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'
import type { Access, Actor } from '../../access/port.ts'
import { answeringAt, escalationOf, type Rota } from '../../duty/index.ts'
import type { Picture } from '../../picture/port.ts'
import { iso, type Route, route, signedIn } from './route.ts'

export interface CatalogueRouteParts {
  access: Pick<Access, 'nameOf' | 'people'>
  picture: Pick<Picture, 'board' | 'restrictedFor'>
  rota: Rota
  activePolicy(): { policy: Policy; hash: string }
  now: () => number
}

type Phone = NonNullable<Policy['teams'][number]['phone']>

/** Services, what they need, whose they are, who answers for them now, and what is wrong with them. */
export function catalogueRoutes({ access, picture, rota, activePolicy, now }: CatalogueRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/catalogue',
      action: 'picture.read',
      tag: 'Catalogue',
      summary:
        'Services with their team, who answers now, what they need and what needs them, and the escalation policies in words of today',
      answer: catalogueSchema,
      run: (call) => catalogueAt(now(), signedIn(call).actor),
    }),
  ]

  function catalogueAt(at: number, actor: Actor): Catalogue {
    const { policy } = activePolicy()
    const answers = new Map(policy.teams.map(({ id }) => [id, answerersOf(policy, id, at)]))
    const services = policy.services.map((service) => ({ ...service, dependsOn: service.depends_on }))
    const dependants = dependantsOf(services)
    const incidents = openIncidents(actor)
    return {
      at: iso(at),
      services: services.map(({ id, team, tier, runbook, links, match, dependsOn }) => ({
        id,
        team: team ?? null,
        tier: tier ?? null,
        runbook: runbook ?? null,
        links: [...links],
        match: match === undefined ? [`service="${id}"`] : match.map(formatMatcher),
        dependsOn: [...dependsOn],
        dependants: dependants.get(id) ?? [],
        answers: answers.get(team ?? '') ?? [],
        incidents: incidents.get(id) ?? [],
        escalation: escalationOf(policy, { service: id, team: team ?? null })?.id ?? null,
      })),
      teams: policy.teams.map(({ id, name = id, members, phone }) => ({
        id,
        name,
        members: members.map((person) => ({ ...ref(person), responds: access.people.mayRespond(person) })),
        answers: answers.get(id) ?? [],
        phone: phone === undefined ? null : phoneOf(phone, at),
        rotations: policy.rotations.flatMap((rotation) => (rotation.team === id ? rotationRef(rotation) : [])),
        services: services.flatMap((service) => (service.team === id ? service.id : [])),
      })),
      escalations: escalations(policy, at),
    }
  }

  /** Each policy once for each team that it covers something of: whom `on-call` means depends on the team. */
  function escalations(policy: Policy, at: number): EscalationView[] {
    const views = new Map<string, EscalationView>()
    for (const { id: service, team = null } of policy.services) {
      const escalation = escalationOf(policy, { service, team })
      const key = JSON.stringify([escalation?.id, team])
      if (escalation === null || views.has(key)) continue
      let afterMs = 0
      const steps = escalation.steps.map(({ notify, wait }) => {
        const targets = notify.map((target) => targetAt(policy, target, team, at))
        // Rule E7: a step that means nobody now costs no time.
        if (!targets.some(({ kind, people }) => kind === 'channel' || people.length > 0))
          return { afterMs: null, notify: targets }
        const step = { afterMs, notify: targets }
        afterMs += wait
        return step
      })
      const { repeat, quiet } = escalation
      const waits = quiet.map(({ tiers, intervals }) => ({ tiers: [...tiers], intervals: [...intervals] }))
      views.set(key, { id: escalation.id, team, steps, beginsAgainAfterMs: afterMs, repeat, quiet: waits })
    }
    return [...views.values()]
  }

  /** Who a target means now, by the rules E5 and E6: those that pages follow. */
  function targetAt(policy: Policy, target: string, team: string | null, at: number): TargetView {
    const [kind, id] = kindOf(target)
    const name = {
      ...{ 'on-call': '', commanders: '', channel: id, person: access.nameOf(id) },
      rotation: policy.rotations.find((rotation) => rotation.id === id)?.name ?? id,
      team: policy.teams.find((each) => each.id === id)?.name ?? id,
    }[kind]
    const { mayRespond, commanders } = access.people
    const people = answeringAt({ policy, rota, mayRespond, commanders, at }).peopleOf(target, team)
    return { target, kind, name, people: people.map(ref) }
  }

  function phoneOf({ answered_by: target, reach }: Phone, at: number): TeamCard['phone'] {
    const [kind, id] = kindOf(target)
    const person = kind === 'rotation' ? rota.onCall(id, at)[0] : id
    return { person: person === undefined ? null : ref(person), reach: reach ?? null }
  }

  function ref(id: string): { id: string; name: string } {
    return { id, name: access.nameOf(id) }
  }

  /** In the order in which they are asked. */
  function answerersOf({ rotations }: Policy, team: string, at: number): Answerer[] {
    const shifts = rota.shifts({ team }, at, at + 1)
    return rota.onCallOfTeam(team, at).map((person) => {
      const shift = shifts.find((each) => each.person === person)
      const until = shift === undefined ? null : iso(shift.to)
      const rotation = rotations.find(({ id }) => id === shift?.rotation)
      return { person: ref(person), rotation: rotation === undefined ? null : rotationRef(rotation), until }
    })
  }

  function openIncidents(actor: Actor): Map<string, ServiceView['incidents']> {
    const byService = new Map<string, ServiceView['incidents']>()
    const open = [...picture.board().incidents, ...picture.restrictedFor(actor)]
      .filter(({ phase }) => isOpen(phase))
      .sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1))
    for (const { id, title, tier, owner, openedAt, drill, service } of open)
      if (service !== null)
        byService.set(service, [...(byService.get(service) ?? []), { id, title, tier, owner, openedAt, drill }])
    return byService
  }
}

const rotationRef = ({ id, name = id }: Policy['rotations'][number]) => ({ id, name })

function kindOf(target: string): [kind: TargetView['kind'], id: string] {
  if (target === 'on-call' || target === 'commanders') return [target, '']
  const [kind = '', id = ''] = target.split(/:(.*)/s)
  return kind === 'rotation' || kind === 'team' || kind === 'channel' ? [kind, id] : ['person', target]
}
