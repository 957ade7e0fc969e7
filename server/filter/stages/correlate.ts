import type { Tier } from '#shared/incident/state.ts'
import { labelOf, matchesAll } from '#shared/matchers.ts'
import { labelMention } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import type { Drafts } from '../drafts.ts'
import type { Group } from '../memory/group.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import type { Case, Stage, Verdict } from '../stage.ts'
import { length } from '../words.ts'

type Rule = Policy['correlate'][number]

/**
 * What belongs together. An alert that fires again goes back to its incident while that is open or may reopen; any other
 * joins the open incident of its correlation key, or opens one. Rule C1: the first rule whose labels are all present
 * decides. Rule C2: a group takes alerts while they keep coming within `window`, for at most `cap` after the first.
 */
export const correlate: Stage = {
  name: 'correlate',
  judge(at, state, drafts) {
    const { tracked, entry } = at
    if (tracked === null) return null
    return again(at, tracked, state, drafts) ?? join(at, tracked, entry.at, state, drafts)
  },
}

/** Rule C3: an alert that fires again belongs to its incident while that is open, or until `reopen_within` has passed. */
function again(at: Case, tracked: Tracked, state: FilterState, drafts: Drafts): Verdict | null {
  const { group } = tracked
  const now = at.entry.at
  if (!at.refired || group === null) return null
  const was = group.open ? 'open' : now <= group.reopenUntil ? 'reopenable' : 'over'
  if (was === 'over') return null
  const resolvedAgo = length(now - (group.resolvedAt ?? now))
  if (was === 'reopenable') state.setPhase(group, 'investigating', now)
  if (group.joining !== null) group.joining.lastAt = Math.max(group.joining.lastAt, now)
  drafts.refire(group.id, tracked.alert.id)
  const reason =
    was === 'open'
      ? `fires again while ${group.id} is open`
      : `fires again ${resolvedAgo} after ${group.id} was resolved, which reopens it`
  return { outcome: 'attached', rule: 'fires again', reason }
}

function join(at: Case, tracked: Tracked, now: number, state: FilterState, drafts: Drafts): Verdict {
  const found = firstRule(at, state.policy.correlate)
  const open = found === null ? undefined : state.joinable(found.key)
  const refusal = found === null || open === undefined ? null : tooLate(open, found.rule, now)
  if (found !== null && open?.joining && refusal === null) {
    const { rule, words } = found
    const since = length(now - open.joining.lastAt)
    open.joining.lastAt = Math.max(open.joining.lastAt, now)
    put(tracked, open, state)
    const material = at.definition.tier === 1 ? `a Tier 1 alert joined: ${tracked.alert.title}` : null
    drafts.attach(open.id, tracked.alert.id, rule.name, material)
    const reason = `${at.definition.reason}; joined ${open.id} by rule '${rule.name}' (${words}), ${since} after its last alert`
    return { outcome: 'attached', rule: rule.name, reason }
  }
  const joining =
    found === null ? null : { key: found.key, rule: found.rule.name, words: found.words, firstAt: now, lastAt: now }
  const group = state.openGroup(joining, now)
  put(tracked, group, state)
  const ruleName = found?.rule.name ?? 'alone'
  drafts.open({ incidentId: group.id, ...naming(at, tracked, state), rule: ruleName }, tracked.alert.id)
  const why =
    found === null
      ? 'no correlation rule has all its labels'
      : `${refusal ?? 'no open incident'} for rule '${found.rule.name}' (${found.words})`
  return { outcome: 'opened', rule: ruleName, reason: `${at.definition.reason}; opened ${group.id}: ${why}` }
}

function firstRule(at: Case, rules: readonly Rule[]): { rule: Rule; key: string; words: string } | null {
  for (const rule of rules) {
    if (!matchesAll(rule.match, at.labels)) continue
    const values = rule.by.map((name) => labelOf(at.labels, name))
    if (values.includes('')) continue
    const words = rule.by.map(labelMention).join(', ')
    return { rule, key: JSON.stringify([rule.name, ...values]), words }
  }
  return null
}

/** Why the open incident of this key takes no more; null when it does. */
function tooLate(group: Group, rule: Rule, now: number): string | null {
  const { joining } = group
  if (joining === null) return null
  if (now - joining.lastAt > rule.window)
    return `the last alert of ${group.id} came ${length(now - joining.lastAt)} ago`
  if (now - joining.firstAt > rule.cap) return `${group.id} has taken alerts for ${length(now - joining.firstAt)}`
  return null
}

function put(tracked: Tracked, group: Group, state: FilterState): void {
  state.place(tracked, group)
  tracked.alert.incidentId = group.id
}

function naming(at: Case, tracked: Tracked, state: FilterState) {
  const { definition, service, team } = at
  const { title, description, severity } = tracked.alert
  const ofService = service === null ? null : (state.services.byId(service)?.tier ?? null)
  const said: Tier | null = definition.tier === 'triage' || definition.tier === 'record' ? null : definition.tier
  const tierRule = said === null && ofService !== null ? `tier of service ${service}` : definition.name
  return {
    title: title.slice(0, 200).toWellFormed(),
    description,
    service,
    team,
    severity,
    tier: said ?? ofService,
    tierRule,
  }
}
