import { byteOrder } from '../alert.ts'
import type { Labels } from '../event.ts'

/** A label set and its names in order, which every comparison needs. */
export interface OrderedLabels {
  labels: Labels
  names: readonly string[]
}

export function ordered(labels: Labels): OrderedLabels {
  return { labels, names: Object.keys(labels).sort(byteOrder) }
}

/**
 * Alertmanager's order of label sets: fewer labels first; then, name by name in order, the set that lacks the name, and
 * the lesser value. Source: prometheus/common model/labelset.go (LabelSet.Before).
 */
export function compareLabelSets(a: OrderedLabels, b: OrderedLabels): number {
  if (a.names.length !== b.names.length) return a.names.length - b.names.length
  for (let at = 0; at < a.names.length; at++) {
    const name = a.names[at] as string
    const other = b.names[at] as string
    // The lesser name is the one that the other set lacks.
    if (name !== other) return byteOrder(other, name)
    const difference = byteOrder(a.labels[name] as string, b.labels[name] as string)
    if (difference !== 0) return difference
  }
  return 0
}

const first = ['job', 'instance'] as const

/**
 * Alertmanager's order of the alerts of a group: by job, then by instance, those without last; then by all labels.
 * Source: prometheus/alertmanager alert/alert.go (AlertSlice.Less).
 */
export function compareAlerts(a: OrderedLabels, b: OrderedLabels): number {
  for (const name of first) {
    const mine = a.labels[name]
    const other = b.labels[name]
    if (mine === other) continue
    if (mine === undefined) return 1
    if (other === undefined) return -1
    return byteOrder(mine, other)
  }
  return compareLabelSets(a, b)
}
