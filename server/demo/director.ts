import type { Command } from '#shared/incident/commands.ts'
import type { Summary } from '#shared/wire.ts'
import { type Beat, ending, openingPlots, type Part, plots, words } from './plots.ts'
import type { Random } from './random.ts'

/** What a player is to do now. The command's id is given when it is sent. */
export interface Deed {
  /** Person id. */
  by: string
  incidentId: string
  command: DeedCommand
}
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type DeedCommand = WithoutId<Command>

export interface People {
  visitor: string
  commander: string
  /** Ids of the responders of a team, by team id; `''` for the incidents of no team. */
  teams: Readonly<Record<string, readonly string[]>>
}

interface Scene {
  parts: Record<Part, string>
  beats: Beat[]
  endings: (typeof ending)[number][]
  /** When the last thing was done here, epoch ms. */
  at: number
  random: Random
}

const updateEveryMs = 45_000

/**
 * Says what the players do, from what is on the board. The same seed, the same board at the same instants: the same
 * deeds. What the visitor owns is left alone.
 */
export function makeDirector({ random, people }: { random: Random; people: People }) {
  const scenes = new Map<string, Scene>()
  let begun = 0
  const responders = new Set(Object.values(people.teams).flat())
  const isPlayer = (id: string): boolean => id === people.commander || responders.has(id)

  function begin(incident: Summary, now: number): Scene {
    const own = random.fork(incident.id)
    const team = people.teams[incident.team ?? ''] ?? [...responders]
    const shift = own.between(0, team.length - 1)
    const member = (place: number): string => team[(shift + place) % team.length] ?? people.commander
    // Nobody takes a whole outage for a false alarm.
    const fitting =
      incident.alerts.total > 4 ? plots.filter((plot) => plot.every((beat) => beat.do !== 'dismiss')) : plots
    const plot = openingPlots[begun] ?? own.pick(fitting)
    begun++
    const parts = { commander: people.commander, lead: member(0), second: member(1), third: member(2) }
    const scene: Scene = { parts, beats: [...plot], endings: [...ending], at: now, random: own }
    scenes.set(incident.id, scene)
    return scene
  }

  function ownerActs(incident: Summary, scene: Scene, now: number): Deed | null {
    const owner = incident.owner?.id
    if (owner === undefined) {
      // The plot is over and nobody has it: the lead of the team takes it.
      if (incident.offer !== null || now - scene.at < 10_000) return null
      return { by: scene.parts.lead, incidentId: incident.id, command: { type: 'claim' } }
    }
    if (!isPlayer(owner) || incident.offer !== null || now - scene.at < updateEveryMs) return null
    return { by: owner, incidentId: incident.id, command: { type: 'update', text: scene.random.pick(words.update) } }
  }

  function bringHome(incident: Summary, scene: Scene, now: number): Deed | null {
    const owner = incident.owner?.id
    if (owner === undefined || !isPlayer(owner)) return owner === undefined ? ownerActs(incident, scene, now) : null
    const next = scene.endings[0]
    if (!next || now - scene.at < next.afterS * 1000) return null
    scene.endings.shift()
    return { by: owner, incidentId: incident.id, command: { type: 'set-phase', phase: next.phase } }
  }

  function play(incident: Summary, scene: Scene, now: number): Deed | null {
    for (let beat = scene.beats[0]; beat; beat = scene.beats[0]) {
      if (now - scene.at < beat.afterS * 1000) return null
      if (beat.do === 'let-expire' && incident.offer !== null) return null
      scene.beats.shift()
      const deed = deedOf(beat, incident, scene, people.visitor)
      if (deed && isPlayer(deed.by)) return deed
    }
    return ownerActs(incident, scene, now)
  }

  /** A player answers an offer that no plot foresaw: one that the visitor made. */
  function answer(incident: Summary, scene: Scene, now: number): Deed | null {
    const { offer } = incident
    const by = offer?.eligible.find(isPlayer)
    if (!offer || by === undefined || now - scene.at < 8_000) return null
    const command: DeedCommand = {
      type: 'accept',
      revision: offer.revision,
      readBack: scene.random.pick(words.readBack),
    }
    return { by, incidentId: incident.id, command }
  }

  return {
    /** @param board all incidents on the board @param now epoch ms */
    deeds(board: readonly Summary[], now: number): Deed[] {
      const out: Deed[] = []
      for (const incident of board) {
        if (incident.phase === 'closed' || incident.phase === 'merged' || incident.phase === 'dismissed') continue
        const scene = scenes.get(incident.id) ?? begin(incident, now)
        const open = incident.phase !== 'resolved' && incident.phase !== 'review'
        const visitors = incident.owner?.id === people.visitor
        let deed: Deed | null
        if (visitors) deed = incident.offer ? answer(incident, scene, now) : null
        else if (!open || (incident.suggestResolve && incident.offer === null)) deed = bringHome(incident, scene, now)
        else deed = play(incident, scene, now)
        if (open && !incident.suggestResolve && scene.endings.length < ending.length) scene.endings = [...ending]
        // Each deed starts the wait for the next; with an unforeseen offer the wait starts when it is first seen.
        if (deed || (visitors && !incident.offer)) scene.at = now
        if (deed) out.push(deed)
      }
      const there = new Set(board.map(({ id }) => id))
      for (const id of scenes.keys()) if (!there.has(id)) scenes.delete(id)
      return out
    },
  }
}
/** @returns null where the beat no longer fits the incident */
function deedOf(beat: Beat, incident: Summary, scene: Scene, visitor: string): Deed | null {
  const { parts, random } = scene
  const me = parts[beat.who]
  const owner = incident.owner?.id ?? null
  const { offer } = incident
  const deed = (command: DeedCommand, by = me): Deed => ({ by, incidentId: incident.id, command })
  const byOwner = (command: DeedCommand): Deed | null => (owner === null ? null : deed(command, owner))
  switch (beat.do) {
    case 'let-expire':
      return null
    case 'claim':
      return owner === null && offer === null ? deed({ type: 'claim' }) : null
    case 'accept':
    case 'decline': {
      const by =
        offer === null ? undefined : offer.eligible.includes(me) ? me : offer.eligible.find((id) => id !== visitor)
      if (offer === null || by === undefined) return null
      return beat.do === 'accept'
        ? deed({ type: 'accept', revision: offer.revision, readBack: random.pick(words.readBack) }, by)
        : deed({ type: 'decline', reason: random.pick(words.decline) }, by)
    }
    case 'offer': {
      if (offer !== null || (owner === null && beat.who !== 'commander')) return null
      const to = beat.to === 'team' ? `team:${incident.team ?? ''}` : beat.to === 'visitor' ? visitor : parts[beat.to]
      if (to === owner || to === 'team:') return null
      const command: DeedCommand = { type: 'offer', to, brief: briefOf(incident, random) }
      return owner === null ? deed(command) : byOwner(command)
    }
    case 'ask-relief':
      return owner === null || owner === me || offer !== null ? null : deed({ type: 'ask-relief' })
    case 'grant-relief':
      return incident.reliefAskedBy === null || offer !== null
        ? null
        : byOwner({ type: 'grant-relief', brief: briefOf(incident, random) })
    case 'take-over':
      return owner === null || owner === me ? null : deed({ type: 'take-over', reason: words.takeOver })
    case 'release':
      return byOwner({ type: 'release', reason: words.release })
    case 'assist':
      return owner === me || incident.assistants.some(({ id }) => id === me) ? null : deed({ type: 'assist' })
    case 'confirm':
      return byOwner({ type: 'confirm' })
    case 'update':
      return byOwner({ type: 'update', text: random.pick(words.update) })
    case 'classify':
      return incident.tier === beat.tier ? null : deed({ type: 'classify', tier: beat.tier, reason: words.classify })
    case 'dismiss':
      return offer === null ? deed({ type: 'dismiss', reason: words.dismiss }) : null
    case 'flag':
      return incident.flags.includes(beat.flag) ? null : deed({ type: 'flag', flag: beat.flag, on: true })
    case 'phase':
      return incident.phase === beat.phase
        ? null
        : byOwner({ type: 'set-phase', phase: beat.phase, reason: 'As it turned out' })
  }
}

function briefOf(incident: Summary, random: Random): Extract<DeedCommand, { type: 'offer' }>['brief'] {
  return {
    trend: random.pick(['worse', 'steady', 'better'] as const),
    confidence: random.pick(['unsure', 'fairly sure'] as const),
    situation: `${incident.title.slice(0, 180)}. ${incident.alerts.firing} alerts fire; customers of ${incident.service ?? 'one service'} notice.`,
    done: [random.pick(words.done)],
    ruledOut: [random.pick(words.ruledOut)],
    hypotheses: [{ text: random.pick(words.hypotheses), confidence: 'unsure' }],
    actions: [{ text: random.pick(words.actions), owner: null, dueAt: null, state: 'open', irreversible: false }],
    contingencies: [words.contingency],
    noContingencyBecause: '',
    promises: ['Next update to the shop in ten minutes'],
    constraints: '',
  }
}
