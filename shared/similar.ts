import { z } from 'zod'
import { phaseSchema, tierSchema } from './incident/state.ts'

/** By what incidents are compared. */
export interface Traits {
  service: string | null
  team: string | null
  title: string
  alerts: readonly { name: string; labels: Readonly<Record<string, string>> }[]
}

export const traitKinds = ['alert', 'service', 'team', 'label', 'word'] as const
export type TraitKind = (typeof traitKinds)[number]
/** One trait, for example `alert:HighLatency`, `label:zone=a`, `word:orders`. */
export type Trait = `${TraitKind}:${string}`

/**
 * How much a trait of each kind says that two incidents are alike, before its rarity. The same alert of the same service is
 * nearly always the same trouble; a team has many.
 */
const weights: Readonly<Record<TraitKind, number>> = { alert: 4, service: 3, team: 0.5, label: 1, word: 1 }
/** Of one incident so many alerts, labels and words are looked at: a storm has thousands, and says no more. */
const most = { alerts: 30, labels: 40, words: 20 }
/** Labels that say how bad it is, or that stand for what is an alert or a service already. */
const idleLabels: ReadonlySet<string> = new Set([
  'alertname',
  'severity',
  'service',
  'team',
  'prometheus',
  'alertgroup',
])
const idleWords: ReadonlySet<string> = new Set(
  'the and for from with that this are was not has have its his her into than then when where which will been more most some such'.split(
    ' ',
  ),
)

/** The traits of an incident, the same for the same incident, without repeats. Pure. */
export function traitsOf({ service, team, title, alerts }: Traits): Trait[] {
  const found = new Set<Trait>()
  if (service !== null) found.add(`service:${service}`)
  if (team !== null) found.add(`team:${team}`)
  let labels = 0
  for (const { name, labels: own } of alerts.slice(0, most.alerts)) {
    found.add(`alert:${name}`)
    for (const [label, value] of Object.entries(own)) {
      const trait: Trait = `label:${label}=${value.slice(0, 100)}`
      if (idleLabels.has(label) || value === '' || found.has(trait) || labels >= most.labels) continue
      found.add(trait)
      labels++
    }
  }
  for (const word of wordsOf(title).slice(0, most.words)) found.add(`word:${word}`)
  return [...found]
}

/** Words of a title that may say something: letters of any script, no numbers, no small words. */
export function wordsOf(title: string): string[] {
  const words = title.toLowerCase().match(/[\p{L}][\p{L}\p{N}]{2,}/gu) ?? []
  return [...new Set(words)].filter((word) => !idleWords.has(word))
}

export function kindOf(trait: Trait): TraitKind {
  return trait.slice(0, trait.indexOf(':')) as TraitKind
}
export function traitValue(trait: Trait): string {
  return trait.slice(trait.indexOf(':') + 1)
}

/** As if there were so many incidents more, without any of the traits: in a young house nothing is common yet. */
const priorIncidents = 50
/** An incident that is so old counts half of what age decides; age decides so much of the whole. */
const halfLifeMs = 90 * 24 * 3_600_000
const ageShare = 0.3
/** Less alike than this is not alike. */
const leastScore = 0.15
/** So many of the newest incidents with a trait are looked at, and so many in all. */
const candidatesPerTrait = 200
const candidatesInAll = 500

export interface Like {
  id: string
  /** From `leastScore` to 1. */
  score: number
  /** What both have, what says most first. */
  shared: readonly Trait[]
}

/** One trait and who has it: an object of its own, so that incidents are compared without comparing texts. */
interface Held {
  trait: Trait
  /** Serials of incidents, ascending. */
  serials: number[]
  /** Its worth, as it was reckoned for the question of that number. */
  worth: number
  reckonedFor: number
  /** The question of that number asks for it. */
  askedFor: number
}

interface Kept {
  id: string
  serial: number
  held: readonly Held[]
  /** Epoch ms. */
  at: number
}

/**
 * Past incidents by their traits. Rule SI1: what putting one in, and asking for those like one, costs is bounded, however many
 * there were: the oldest go when there are more than `limit`, and of a common trait only the newest are looked at.
 *
 * The measure: what both have, over the geometric mean of what each has, each trait with the weight of its kind times its rarity
 * (that of BM25, ln(1 + (N − n + ½) / (n + ½)), for n of N incidents that have it), times an allowance for age.
 */
export class SimilarIndex {
  readonly #limit: number
  readonly #byId = new Map<string, Kept>()
  readonly #bySerial = new Map<number, Kept>()
  readonly #held = new Map<Trait, Held>()
  #next = 1
  #question = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byId.size
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  /** @param at epoch ms of its end */
  put(id: string, traits: readonly Trait[], at: number): void {
    this.remove(id)
    const serial = this.#next++
    const held = traits.map((trait) => {
      const known = this.#held.get(trait) ?? { trait, serials: [], worth: 0, reckonedFor: 0, askedFor: 0 }
      known.serials.push(serial)
      this.#held.set(trait, known)
      return known
    })
    const kept: Kept = { id, serial, held, at }
    this.#byId.set(id, kept)
    this.#bySerial.set(serial, kept)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > this.#limit && oldest !== undefined) this.remove(oldest)
  }

  remove(id: string): void {
    const kept = this.#byId.get(id)
    if (kept === undefined) return
    this.#byId.delete(id)
    this.#bySerial.delete(kept.serial)
    for (const { trait, serials } of kept.held) {
      const at = serials.indexOf(kept.serial)
      if (at !== -1) serials.splice(at, 1)
      if (serials.length === 0) this.#held.delete(trait)
    }
  }

  /** Traits of one that is in it; none where it is not. */
  traits(id: string): readonly Trait[] {
    return this.#byId.get(id)?.held.map(({ trait }) => trait) ?? []
  }

  /** Those most like one with these traits, the most alike first; of equals the newest. */
  like(traits: readonly Trait[], { now, except, limit }: { now: number; except: string; limit: number }): Like[] {
    const question = ++this.#question
    const worth = (held: Held): number => {
      if (held.reckonedFor !== question) {
        held.worth = this.#worth(held.trait, held.serials.length)
        held.reckonedFor = question
      }
      return held.worth
    }
    const asked: Held[] = []
    let whole = 0
    for (const trait of new Set(traits)) {
      const held = this.#held.get(trait)
      whole += held === undefined ? this.#worth(trait, 0) : worth(held)
      if (held === undefined) continue
      held.askedFor = question
      asked.push(held)
    }
    const found: { kept: Kept; score: number }[] = []
    for (const kept of this.#candidates(asked)) {
      if (kept.id === except) continue
      let own = 0
      let both = 0
      for (const held of kept.held) {
        const much = worth(held)
        own += much
        if (held.askedFor === question) both += much
      }
      const fresh = 1 - ageShare + ageShare * 0.5 ** (Math.max(0, now - kept.at) / halfLifeMs)
      const score = (both / Math.sqrt(whole * own)) * fresh
      if (score >= leastScore && saysEnough(kept.held, question)) found.push({ kept, score })
    }
    return found
      .sort((a, b) => b.score - a.score || b.kept.serial - a.kept.serial)
      .slice(0, limit)
      .map(({ kept, score }) => {
        const shared = kept.held.filter(({ askedFor }) => askedFor === question)
        return { id: kept.id, score, shared: shared.sort((a, b) => worth(b) - worth(a)).map(({ trait }) => trait) }
      })
  }

  /** The newest that have one of the traits, rare traits first. */
  #candidates(asked: readonly Held[]): Kept[] {
    const serials = new Set<number>()
    for (const { serials: list } of asked.toSorted((a, b) => a.serials.length - b.serials.length)) {
      for (let at = list.length - 1, seen = 0; at >= 0 && seen < candidatesPerTrait; at--, seen++)
        serials.add(list[at] as number)
      if (serials.size >= candidatesInAll) break
    }
    return Array.from(serials).flatMap((serial) => this.#bySerial.get(serial) ?? [])
  }

  #worth(trait: Trait, having: number): number {
    const all = this.#byId.size + priorIncidents
    return weights[kindOf(trait)] * Math.log(1 + (all - having + 0.5) / (having + 0.5))
  }
}

/** An alert, a service or two words: a label and one word in common are chance. */
function saysEnough(held: readonly Held[], question: number): boolean {
  let words = 0
  for (const { trait, askedFor } of held) {
    if (askedFor !== question) continue
    if (trait.startsWith('alert:') || trait.startsWith('service:')) return true
    if (trait.startsWith('word:')) words++
  }
  return words >= 2
}

const instant = z.iso.datetime({ precision: 3 })
const who = z.strictObject({ id: z.string(), name: z.string() })

/** A past incident that is like one, why, and how it ended. */
export const similarViewSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  service: z.string().nullable(),
  tier: tierSchema.nullable(),
  phase: phaseSchema,
  openedAt: instant,
  endedAt: instant,
  lastedMs: z.number(),
  owner: who.nullable().describe('Who had it at the end'),
  handovers: z.number(),
  words: z
    .strictObject({ kind: z.enum(['reason', 'update']), text: z.string() })
    .nullable()
    .describe('Why it was resolved or dismissed, in the words of then; else its last update'),
  score: z.number().describe('How alike, from 0 to 1'),
  why: z
    .array(z.strictObject({ kind: z.enum(traitKinds), values: z.array(z.string()) }))
    .describe('What both have, what says most first'),
})
export type SimilarView = z.output<typeof similarViewSchema>

export const similarAnswerSchema = z.strictObject({
  known: z.number().describe('Past incidents that it was compared with'),
  similar: z.array(similarViewSchema).describe('At most five, the most alike first'),
})
export type SimilarAnswer = z.output<typeof similarAnswerSchema>
