import { z } from 'zod'
import type { Labels } from '../event.ts'
import { type CompiledMatcher, compileMatcher, labelOf, matchesAll } from '../matchers.ts'
import { readMatchers } from './matcher-syntax.ts'

/** Reads text by a function that throws SyntaxError; its words become the issue. */
export function readAs<T>(text: string, read: (text: string) => T, context: z.core.$RefinementCtx): T {
  try {
    return read(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as SyntaxError).message })
    return z.NEVER
  }
}

export const pattern = z
  .string()
  .max(1000)
  .superRefine((value, context) => {
    readAs(value, () => compileMatcher({ name: 'x', op: '=~', value }), context)
  })
export const labelValues = z.record(z.string().min(1).max(256), z.string().max(4096))
const longestList = 1000

/**
 * A node of the route tree as the policy file has it, in Alertmanager's syntax. Its keys for notifications (`group_wait`
 * and the like) would do nothing here and are refused. Times that mute its notifications there mark its groups here, for
 * clients of Alertmanager's API, and hold nothing back: `filters.maintenance` does.
 * Source: prometheus/alertmanager docs, "Routing-related settings".
 */
export const routeSchema = z.strictObject({
  receiver: z.string().min(1).max(256).optional().describe('Receiver of its alerts; without: the parent’s'),
  group_by: z
    .array(z.string().min(1).max(256))
    .max(100)
    .optional()
    .describe('Labels that make a group; `...` alone: all of them; without: the parent’s'),
  match: labelValues.optional().describe('Labels that must be equal; `matchers` says more'),
  match_re: z.record(z.string().min(1).max(256), pattern).optional().describe('Labels that must match a pattern'),
  matchers: z
    .array(
      z
        .string()
        .max(10_000)
        .transform((text, context) => readAs(text, readMatchers, context)),
    )
    .max(longestList)
    .optional()
    .describe('What an alert must match')
    .meta({ examples: [['service="checkout"', 'severity=~"critical|high"']] }),
  mute_time_intervals: z
    .array(z.string().min(1).max(256))
    .max(100)
    .optional()
    .describe('Names under `time_intervals`: while one of them has the time, its groups are marked as muted'),
  active_time_intervals: z
    .array(z.string().min(1).max(256))
    .max(100)
    .optional()
    .describe('The other way round: its groups are marked as muted while none of them has the time'),
  continue: z.boolean().default(false).describe('Whether siblings after it are asked too'),
  labels: labelValues.optional().describe('Shown with its groups, and inherited'),
  get routes() {
    return z.array(routeSchema).max(longestList).optional()
  },
})
export type Route = z.output<typeof routeSchema>

export const receiversSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(256),
      labels: labelValues.default({}).describe('For `receiver_matchers` in queries'),
    }),
  )
  .min(1)
  .max(longestList)
export type Receiver = z.output<typeof receiversSchema>[number]

const timeKeys = [
  ['mute_time_intervals', 'mute time intervals'],
  ['active_time_intervals', 'active time intervals'],
] as const

/** Deepest tree that is read: far deeper than any that is written by hand. */
const deepest = 50

/** Problems of a route tree beyond its shape, each with its path in the policy. Rules and words are Alertmanager's. */
export function routeProblems(
  root: Route,
  receivers: readonly Receiver[],
  times: ReadonlySet<string>,
): { path: (string | number)[]; message: string }[] {
  const found: { path: (string | number)[]; message: string }[] = []
  const names = new Set(receivers.map(({ name }) => name))
  const rootOnly = (key: 'match' | 'match_re' | 'matchers') => {
    const given = root[key]
    if (given !== undefined && Object.keys(given).length > 0)
      found.push({ path: ['route', key], message: 'root route must not have any matchers' })
  }
  rootOnly('match')
  rootOnly('match_re')
  rootOnly('matchers')
  for (const [key, words] of timeKeys)
    if ((root[key] ?? []).length > 0)
      found.push({ path: ['route', key], message: `root route must not have any ${words}` })
  if (root.receiver === undefined)
    found.push({ path: ['route'], message: 'root route must specify a default receiver' })
  if (root.continue) found.push({ path: ['route', 'continue'], message: 'cannot have continue in root route' })
  const visit = (route: Route, path: (string | number)[], depth: number): void => {
    if (route.receiver !== undefined && !names.has(route.receiver))
      found.push({ path: [...path, 'receiver'], message: `undefined receiver "${route.receiver}" used in route` })
    for (const [key] of timeKeys)
      route[key]?.forEach((name, index) => {
        if (!times.has(name))
          found.push({ path: [...path, key, index], message: `undefined time interval "${name}" used in route` })
      })
    const by = route.group_by ?? []
    if (by.length > 1 && by.includes('...'))
      found.push({
        path: [...path, 'group_by'],
        message: 'cannot have wildcard group_by (`...`) and other labels at the same time',
      })
    const twice = by.find((label, index) => by.indexOf(label) !== index)
    if (twice !== undefined)
      found.push({ path: [...path, 'group_by'], message: `duplicated label "${twice}" in group_by` })
    const template = Object.entries(route.labels ?? {}).find(([, value]) => value.includes('{{'))
    if (template !== undefined)
      found.push({
        path: [...path, 'labels', template[0]],
        message: 'templates are not read here; write the value itself',
      })
    if (depth === deepest) found.push({ path, message: `routes may not be nested deeper than ${deepest} levels` })
    else
      for (const [index, child] of (route.routes ?? []).entries()) visit(child, [...path, 'routes', index], depth + 1)
  }
  visit(root, ['route'], 0)
  receivers.forEach(({ name, labels }, index) => {
    if (receivers.findIndex((other) => other.name === name) !== index)
      found.push({ path: ['receivers', index, 'name'], message: `receiver "${name}" is there twice` })
    if (labels.name !== undefined && labels.name !== name)
      found.push({
        path: ['receivers', index, 'labels', 'name'],
        message: `receiver label "name" must match receiver name "${name}"`,
      })
  })
  return found
}

/** A node of the tree with what it inherits, ready to be asked. */
export interface RouteNode {
  /** Its place in the tree, depth first; no two nodes share it. */
  index: number
  receiver: string
  /** Labels that make a group; `all` = every label. */
  groupBy: ReadonlySet<string> | 'all'
  matchers: readonly CompiledMatcher[]
  continues: boolean
  /** Names of times; not inherited. */
  muteTimes: readonly string[]
  activeTimes: readonly string[]
  labels: Labels
  routes: readonly RouteNode[]
}

/** The tree with what its nodes inherit from their parents. */
export function routeTree(root: Route): RouteNode {
  let count = 0
  const grow = (route: Route, parent: RouteNode | null): RouteNode => {
    const node = {
      index: count++,
      receiver: route.receiver ?? parent?.receiver ?? '',
      groupBy: groupByOf(route) ?? parent?.groupBy ?? new Set<string>(),
      matchers: [
        ...Object.entries(route.match ?? {}).map(([name, value]) => compileMatcher({ name, op: '=', value })),
        ...Object.entries(route.match_re ?? {}).map(([name, value]) => compileMatcher({ name, op: '=~', value })),
        ...(route.matchers ?? []).flat(),
      ],
      continues: route.continue,
      muteTimes: route.mute_time_intervals ?? [],
      activeTimes: route.active_time_intervals ?? [],
      labels: { ...parent?.labels, ...route.labels },
      routes: [] as RouteNode[],
    }
    node.routes = (route.routes ?? []).map((child) => grow(child, node))
    return node
  }
  return grow(root, null)
}

function groupByOf({ group_by: by }: Route): RouteNode['groupBy'] | null {
  if (by === undefined) return null
  return by.includes('...') ? 'all' : new Set(by)
}

/**
 * The nodes that an alert ends at: the deepest that match, left to right; after one that matches, its siblings are
 * asked only where it says `continue`. Empty where the node itself does not match.
 * Source: prometheus/alertmanager dispatch/route.go (Route.Match).
 */
export function routesFor(node: RouteNode, labels: Labels): RouteNode[] {
  if (!matchesAll(node.matchers, labels)) return []
  const found: RouteNode[] = []
  for (const child of node.routes) {
    const below = routesFor(child, labels)
    found.push(...below)
    if (below.length > 0 && !child.continues) break
  }
  return found.length === 0 ? [node] : found
}

/** The labels that name the alert's group at a node: those of `group_by` that it has. */
export function groupLabelsOf({ groupBy }: RouteNode, labels: Labels): Labels {
  if (groupBy === 'all') return labels
  const group: Record<string, string> = {}
  for (const name of groupBy) if (labelOf(labels, name) !== '') group[name] = labelOf(labels, name)
  return group
}

/**
 * Names of the times by which a node's groups are muted: those of `mute_time_intervals` that are on; where none is, all of
 * `active_time_intervals`, if none of them is on. Source: prometheus/alertmanager notify/notify.go (TimeMuteStage,
 * TimeActiveStage).
 * @param isOn whether a time of this name is on
 */
export function mutedBy({ muteTimes, activeTimes }: RouteNode, isOn: (name: string) => boolean): readonly string[] {
  const muting = muteTimes.filter(isOn)
  if (muting.length > 0 || activeTimes.some(isOn)) return muting
  return activeTimes
}
