import type { Labels, Link } from '#shared/event.ts'
import { safeLink } from '#shared/event.ts'
import { cut, isRecord } from './json.ts'

/** What one member of a request may hold at most. A refusal names the limit. */
export const memberLimits = {
  /** Members of one request. */
  members: 10_000,
  labels: 100,
  labelNameLength: 256,
  labelValueLength: 4096,
  annotations: 100,
  annotationLength: 32_768,
} as const

/**
 * Why a member cannot be read. `required` = a field the format demands is absent; `type` = it has the wrong JSON type;
 * `invalid` = it breaks a rule. Alertmanager answers each differently. Returned, not thrown: a hostile batch is full of them.
 */
export class Fault {
  readonly kind: 'required' | 'type' | 'invalid'
  readonly path: string
  readonly reason: string
  constructor(kind: Fault['kind'], path: string, reason: string) {
    this.kind = kind
    this.path = path
    this.reason = reason
  }
}

export interface LabelSet {
  labels: Labels
  /** Names and values in order of name, each preceded by its length: no two label sets share it. */
  key: string
}

/**
 * Reads a label set. Empty and null values are dropped, as Alertmanager does; any other name is allowed, as its
 * UTF-8 mode does. The parsed object itself is kept where nothing was dropped: this runs for every alert of every repeat.
 */
export function readLabels(raw: unknown): LabelSet | Fault {
  if (raw === undefined || raw === null) return new Fault('required', 'labels', 'labels in body is required')
  if (!isRecord(raw)) return new Fault('type', 'labels', 'labels must be an object of strings')
  let key = ''
  let before = ''
  let sorted = true
  let dropped = false
  let count = 0
  for (const name in raw) {
    const value = raw[name]
    if (value === '' || value === null) {
      dropped = true
      continue
    }
    if (typeof value !== 'string')
      return new Fault('type', `labels.${name.slice(0, 80)}`, `label ${quoted(name)} must be a string`)
    if (++count > memberLimits.labels) return new Fault('invalid', 'labels', `more than ${memberLimits.labels} labels`)
    const fault = checkLabel(name, value)
    if (fault !== null) return fault
    if (name < before) sorted = false
    before = name
    key += `${name.length}:${name}${value.length}:${value}`
  }
  if (count === 0) return new Fault('invalid', 'labels', 'at least one label pair required')
  if (!dropped && sorted) return { labels: raw as Labels, key }
  const pairs = (Object.entries(raw) as [string, string | null][]).filter(
    (pair): pair is [string, string] => pair[1] !== '' && pair[1] !== null,
  )
  pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  let ordered = ''
  for (const [name, value] of pairs) ordered += `${name.length}:${name}${value.length}:${value}`
  return { labels: dropped ? Object.fromEntries(pairs) : (raw as Labels), key: ordered }
}

function checkLabel(name: string, value: string): Fault | null {
  // An object with an own property of this name sets the prototype of whatever it is copied into by assignment.
  if (name === '' || name === '__proto__')
    return new Fault('invalid', 'labels', `invalid label set: invalid name ${quoted(name)}`)
  if (name.length > memberLimits.labelNameLength)
    return new Fault(
      'invalid',
      'labels',
      `label name ${quoted(name)} is longer than ${memberLimits.labelNameLength} characters`,
    )
  if (value.length > memberLimits.labelValueLength)
    return new Fault(
      'invalid',
      `labels.${name}`,
      `value of label ${quoted(name)} is longer than ${memberLimits.labelValueLength} characters`,
    )
  return null
}

/** Reads annotations; absent ones are none. Empty values stay, null ones are empty. */
export function readAnnotations(raw: unknown): Labels | Fault {
  if (raw === undefined || raw === null) return none
  if (!isRecord(raw)) return new Fault('type', 'annotations', 'annotations must be an object of strings')
  let count = 0
  let nulls = false
  for (const name in raw) {
    const value = raw[name]
    if (value === null) nulls = true
    else if (typeof value !== 'string')
      return new Fault('type', `annotations.${name.slice(0, 80)}`, `annotation ${quoted(name)} must be a string`)
    else if (value.length > memberLimits.annotationLength)
      return new Fault(
        'invalid',
        `annotations.${name.slice(0, 80)}`,
        `annotation ${quoted(name)} is longer than ${memberLimits.annotationLength} characters`,
      )
    if (name === '' || name === '__proto__')
      return new Fault('invalid', 'annotations', `invalid annotations: invalid name ${quoted(name)}`)
    if (name.length > memberLimits.labelNameLength)
      return new Fault(
        'invalid',
        'annotations',
        `annotation name ${quoted(name)} is longer than ${memberLimits.labelNameLength} characters`,
      )
    if (++count > memberLimits.annotations)
      return new Fault('invalid', 'annotations', `more than ${memberLimits.annotations} annotations`)
  }
  return nulls
    ? Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, (value as string | null) ?? '']))
    : (raw as Labels)
}

const none: Labels = Object.freeze({})
const noLinks: readonly Link[] = Object.freeze([])

/** What a person calls the alert: its summary, else its name and where it is. */
export function titleOf(labels: Labels, annotations: Labels): string {
  const { summary } = annotations
  if (summary !== undefined && summary !== '') return cut(summary, 300)
  const name = labels.alertname ?? 'Alert without a name'
  return labels.instance === undefined ? name : `${name} on ${labels.instance}`
}

/** The links of an Alertmanager alert: where it was made, and its runbook. Unsafe or relative ones are left out. */
export function linksOf(generatorUrl: unknown, annotations: Labels): readonly Link[] {
  const source = safeLink(generatorUrl, 'Source')
  const runbook = safeLink(annotations.runbook_url, 'Runbook')
  if (source !== null) return runbook === null ? [source] : [source, runbook]
  return runbook === null ? noLinks : [runbook]
}

/** A name as it may be repeated to the sender: quoted and cut. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80))
}
