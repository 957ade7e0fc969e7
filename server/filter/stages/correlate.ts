import type { Tier } from '#shared/incident/state.ts'
import type { Drafts } from '../drafts.ts'
import type { Group } from '../memory/groups/group.ts'
import { type Found, findKin, type Kin } from '../memory/groups/kinship.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import type { Case, Stage, Verdict } from '../stage.ts'
import { length } from '../words.ts'

/**
 * What belongs together. An alert that fires again goes back to its incident while that is open or may reopen; any other
 * joins an open incident that it is kin of (`findKin`), or opens one.
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
  const { kin, key, late, marks } = findKin(at, state, now)
  const [first] = kin
  if (first === undefined) return open(at, tracked, now, { key, late, marks }, state, drafts)
  // Rule M6: what a person has touched goes on; what nobody has touched may turn out to be part of it.
  const host = kin.find(({ group }) => !group.provisional) ?? first
  const { group } = host
  const since = length(now - (group.joining?.lastAt ?? now))
  if (group.joining !== null) group.joining.lastAt = Math.max(group.joining.lastAt, now)
  put(tracked, group, state)
  const { title } = tracked.alert
  const material = at.definition.tier === 1 ? `a Tier 1 alert joined: ${title}` : null
  drafts.attach(group.id, tracked.alert.id, host.rule, material)
  state.groups.mark(group, marks)
  if (host.how === 'effect' && group.provisional)
    drafts.identify({ incidentId: group.id, ...identity(at, tracked, state), rule: host.rule })
  const merged = mergeOthers(kin, group, now, state, drafts)
  const reason = `${at.definition.reason}; joined ${group.id} by rule '${host.rule}' (${host.words}), ${since} after its last alert${merged}`
  return { outcome: 'attached', rule: host.rule, reason }
}

/** One entry merges so many incidents at most: each is a step of the record, and others wait meanwhile. */
const mergesAtOnce = 300
const namedMerges = 5

/**
 * Rule C7: incidents that one alert belongs to are one, where nobody has touched them or said that they are not. What is
 * beyond `mergesAtOnce` goes on, and follows with the next alert that belongs to both.
 * @returns those that are no more, in words
 */
function mergeOthers(kin: readonly Kin[], into: Group, now: number, state: FilterState, drafts: Drafts): string {
  const gone: string[] = []
  let left = 0
  const seen = new Set([into])
  const isApart = into.apartness()
  for (const { group, rule, how } of kin) {
    if (seen.has(group) || !group.provisional || isApart(group)) continue
    seen.add(group)
    if (drafts.merges >= mergesAtOnce) {
      left++
      continue
    }
    const reason = how === 'effect' ? `an alert of ${into.id} explains it` : 'an alert belongs to both'
    const alerts = state.merge(group, into, now)
    drafts.merge({ incidentId: group.id, into: into.id, alerts, rule, reason })
    gone.push(group.id)
  }
  const more = gone.length > namedMerges ? ` and ${gone.length - namedMerges} more` : ''
  const said = gone.length === 0 ? '' : `; ${gone.slice(0, namedMerges).join(', ')}${more} turned out to be part of it`
  return left === 0 ? said : `${said}; ${left} more are too, and follow with its next alerts`
}

function open(
  at: Case,
  tracked: Tracked,
  now: number,
  { key: found, late, marks }: Pick<Found, 'key' | 'late' | 'marks'>,
  state: FilterState,
  drafts: Drafts,
): Verdict {
  const rule = found?.rule.name ?? 'alone'
  const joining = { key: found?.key ?? null, rule, words: found?.words ?? '', firstAt: now, lastAt: now }
  const { restricted } = at
  const group = restricted
    ? state.openRestricted(joining, now, `${at.entry.pos} ${tracked.alert.id}`)
    : state.openGroup(joining, now)
  put(tracked, group, state)
  state.groups.mark(group, marks)
  const flagged = restricted ? { restricted } : {}
  drafts.open({ incidentId: group.id, ...naming(at, tracked, state), rule, ...flagged }, tracked.alert.id)
  const why =
    found === null
      ? 'no correlation rule has all its labels'
      : `${late ?? 'no open incident'} for rule '${found.rule.name}' (${found.words})`
  return { outcome: 'opened', rule, reason: `${at.definition.reason}; opened ${group.id}: ${why}` }
}

function put(tracked: Tracked, group: Group, state: FilterState): void {
  state.place(tracked, group)
  tracked.alert.incidentId = group.id
}

/** What an incident is called after this alert. */
function identity({ definition, service, team }: Case, { alert }: Tracked, state: FilterState) {
  const said: Tier | null = definition.tier === 'triage' || definition.tier === 'record' ? null : definition.tier
  const ofService = service === null ? null : (state.services.byId(service)?.tier ?? null)
  const title = alert.title.slice(0, 200).toWellFormed()
  return { title, service, team, severity: alert.severity, tier: said ?? ofService }
}

/** The same, and which definition made it an incident. */
function naming(at: Case, tracked: Tracked, state: FilterState) {
  const { definition, service } = at
  const bySaid = definition.tier === 'triage' || definition.tier === 'record' || definition.tier === null
  const named = identity(at, tracked, state)
  const tierRule = bySaid && named.tier !== null ? `tier of service ${service}` : definition.name
  return { ...named, description: tracked.alert.description, tierRule }
}
