import { RE2JS } from 're2js'
import { type Alert, fingerprint, isLabelToken, labelToken } from '#shared/alert.ts'
import type { Event, Labels, Link } from '#shared/event.ts'
import type { Filters, RedactionKind } from '#shared/filters.ts'
import { finders } from './finders.ts'

/** What an alert and an event both say in words. */
export type Words = Pick<Alert, 'title' | 'description' | 'labels' | 'annotations' | 'links'>

interface Rule {
  kind: RedactionKind | null
  labels: ReadonlySet<string>
  apply(text: string): string
}

/** Changes with what the built-in kinds find: what was kept by an earlier version is then read once more. */
const version = 1

const words: Readonly<Record<RedactionKind, string>> = {
  email: '[e-mail]',
  ip: '[IP address]',
  secret: '[secret]',
  card: '[card number]',
}

/**
 * Masks what must not be kept. Rule R1: in free text only (title, description, annotations, the texts of links, notes), and
 * in labels that the policy names. Rule R2: the value of a label becomes a token made from it with a key, so that alerts
 * stay apart, group and are silenced as before. Rule R3: what is the same as the alert holds already is not read again.
 */
export class Redactor {
  /** Two redactors of one signature mask the same. */
  readonly signature: string
  readonly #rules: readonly Rule[]
  /** Rules by the labels that they look into too. */
  readonly #byLabel: ReadonlyMap<string, readonly Rule[]>
  readonly #tokenOf: (value: string) => string

  /** @param tokenOf always the same for the same value, and not to be guessed back without the key */
  constructor(rules: Filters['redact'], tokenOf: (value: string) => string) {
    this.signature = JSON.stringify([version, rules])
    this.#rules = rules.map(ruleOf)
    const named = this.#rules.flatMap((rule) => [...rule.labels].map((label) => [label, rule] as const))
    this.#byLabel = new Map(
      [...Map.groupBy(named, ([label]) => label)].map(([label, pairs]) => [label, pairs.map(([, rule]) => rule)]),
    )
    this.#tokenOf = tokenOf
  }

  /** Whether the policy names labels to look into. */
  get seesLabels(): boolean {
    return this.#byLabel.size > 0
  }

  /** @param held the alert it is about, where that is known: its words were masked before */
  event(event: Event, held: Alert | undefined): Event {
    if (this.#rules.length === 0) return event
    const isReport = event.kind === 'report'
    const note = event.note === undefined ? undefined : this.text(event.note, isReport)
    const masked = this.words(event, held, isReport)
    if (masked === event && note === event.note) return event
    const { labels } = masked
    const next: Event = { ...event, ...masked, ...(note === undefined ? {} : { note }) }
    for (const name of this.#byLabel.keys()) {
      const was = Object.hasOwn(event.labels, name) ? event.labels[name] : undefined
      const now = was === undefined ? undefined : labels[name]
      if (was === undefined || was === '' || now === undefined || was === now) continue
      if (next.service === was) next.service = now
      if (next.groupKey !== null) next.groupKey = next.groupKey.replaceAll(was, () => now)
    }
    return next
  }

  /** What is to be changed about an alert that was kept with other rules in force; null when nothing is. */
  alert(alert: Alert): Partial<Alert> | null {
    const isReport = alert.endsWithIncident === true
    const masked = this.words(alert, undefined, isReport)
    const notes = alert.notes?.map(({ at, text }) => ({ at, text: this.text(text, isReport) }))
    const isNoted = notes?.some(({ text }, index) => text !== alert.notes?.[index]?.text) ?? false
    if (masked === alert && !isNoted) return null
    const { title, description, labels, annotations, links } = masked
    const print = alert.fingerprint ?? sentFingerprint(alert.labels, labels)
    return {
      ...{ title, description, labels, annotations, links },
      ...(notes === undefined ? {} : { notes }),
      ...(print === undefined ? {} : { fingerprint: print }),
    }
  }

  /** @returns the very same object when nothing of it is masked */
  words<T extends Words>(said: T, held: Words | undefined, isReport: boolean): T | Words {
    const title = said.title === held?.title ? said.title : this.text(said.title, isReport)
    const description =
      said.description === held?.description ? said.description : this.text(said.description, isReport)
    const annotations = this.#values(said.annotations, held?.annotations, isReport)
    const links = this.#links(said.links, held?.links, isReport)
    const labels = this.#byLabel.size === 0 ? said.labels : this.#masked(said.labels, held?.labels, isReport)
    const isSame =
      title === said.title &&
      description === said.description &&
      annotations === said.annotations &&
      links === said.links &&
      labels === said.labels
    return isSame ? said : { title, description, labels, annotations, links }
  }

  text(text: string, isReport: boolean): string {
    let masked = text
    // Whoever reports says how to be reached.
    for (const { kind, apply } of this.#rules) if (kind !== 'email' || !isReport) masked = apply(masked)
    return masked
  }

  #values(said: Labels, held: Labels | undefined, isReport: boolean): Labels {
    let masked: Record<string, string> | null = null
    for (const name in said) {
      const text = said[name] as string
      if (held !== undefined && held[name] === text) continue
      const now = this.text(text, isReport)
      if (now === text) continue
      masked ??= { ...said }
      masked[name] = now
    }
    return masked ?? said
  }

  #links(said: readonly Link[], held: readonly Link[] | undefined, isReport: boolean): readonly Link[] {
    let masked: Link[] | null = null
    for (let index = 0; index < said.length; index++) {
      const link = said[index] as Link
      if (held?.[index]?.text === link.text) continue
      const text = this.text(link.text, isReport)
      if (text === link.text) continue
      masked ??= [...said]
      masked[index] = { ...link, text }
    }
    return masked ?? said
  }

  /** Where to look: the labels that rules name, or those that are there, whichever are fewer. */
  #namesIn(labels: Labels): Iterable<string> {
    const there = Object.keys(labels)
    return this.#byLabel.size < there.length ? this.#byLabel.keys() : there
  }

  #masked(said: Labels, held: Labels | undefined, isReport: boolean): Labels {
    let masked: Record<string, string> | null = null
    for (const name of this.#namesIn(said)) {
      const rules = this.#byLabel.get(name)
      if (rules === undefined || !Object.hasOwn(said, name)) continue
      const value = said[name] as string
      if ((held !== undefined && held[name] === value) || isLabelToken(value)) continue
      const found = rules.some(({ kind, apply }) => (kind !== 'email' || !isReport) && apply(value) !== value)
      if (!found) continue
      masked ??= { ...said }
      masked[name] = labelToken(this.#tokenOf(value))
    }
    return masked ?? said
  }
}

/** Alertmanager's fingerprint of labels of which some are masked: that of what was sent. Undefined where none is. */
export function sentFingerprint(sent: Labels, masked: Labels): string | undefined {
  return sent === masked ? undefined : fingerprint(sent)
}

function ruleOf({ name, kind, pattern, replace, labels }: Filters['redact'][number]): Rule {
  const own = { kind: kind ?? null, labels: new Set(labels) }
  if (kind !== undefined) {
    const mask = replace ?? words[kind]
    const find = finders[kind]
    return { ...own, apply: (text) => find(text, mask) }
  }
  const mask = replace ?? `[${name}]`
  const compiled = RE2JS.compile(pattern ?? '')
  return { ...own, apply: (text) => compiled.matcher(text).replaceAll(() => mask) }
}
