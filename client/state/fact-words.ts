import { clockFactWords } from '#shared/legal/words.ts'
import { toldWords, troubleWords } from '#shared/notify/told.ts'
import type { FactView } from '#shared/wire.ts'
import { ageWords, utcMinute, utcMoment } from './time-words.ts'

export interface FactWords {
  /** Who, as a sentence begins. */
  who: string
  /** What they did. */
  did: string
  /** Their own words, if any. */
  said: string | null
  /** `correction`: of which alerts and incidents belong together. */
  kind: 'ownership' | 'words' | 'state' | 'alerts' | 'correction' | 'told'
  /** Another incident that `did` names. */
  about: string | null
}

/** One fact as a line of the timeline. A type this page does not know yet is named plainly, never dropped. */
export function factWords(fact: FactView): FactWords {
  const who = fact.by.name
  const line = (kind: FactWords['kind'], did: string, said: string | null = null): FactWords => ({
    who,
    did,
    said: said === '' ? null : said,
    kind,
    about: null,
  })
  const correction = (about: string, did: string): FactWords => ({
    ...line('correction', did, text(fact.reason)),
    about,
  })
  const reason = text(fact.reason)
  switch (fact.type) {
    case 'declared':
      return line(
        'state',
        fact.provisional === true ? 'opened the incident' : 'declared the incident',
        text(fact.description),
      )
    case 'alerts-attached': {
      const count = list(fact.alerts).length
      const what =
        fact.rule === 'refired'
          ? count === 1
            ? 'an alert fires again'
            : `${count} alerts fire again`
          : `${plus(count, 'alert')} joined`
      return line('alerts', `${what}${fact.rule === 'refired' ? '' : ` by “${text(fact.rule)}”`}`)
    }
    case 'alerts-resolved':
      return line('alerts', `${plus(list(fact.alerts).length, 'alert')} ended`)
    case 'claimed':
      return line('ownership', 'claimed it')
    case 'offered':
      return line('ownership', `offered it to ${name(fact.to)} until ${minute(fact.deadlineAt)}`, situation(fact.brief))
    case 'offer-reissued':
      return line('ownership', `issued the offer again: ${text(fact.changed)}`)
    case 'offer-withdrawn':
      return line('ownership', 'withdrew the offer', reason)
    case 'offer-declined':
      return line('ownership', 'declined', reason)
    case 'offer-expired':
      return line(
        'ownership',
        `the offer to ${name(fact.to)} was not answered; ${fact.owner === null ? 'nobody owns it' : `it stays with ${name(fact.owner)}`}`,
      )
    case 'accepted':
      return line(
        'ownership',
        fact.from === null ? 'accepted it' : `accepted it from ${name(fact.from)}`,
        text(fact.readBack),
      )
    case 'relief-asked':
      return line('ownership', 'asked for relief', reason)
    case 'taken-over':
      return line('ownership', `took over from ${name(fact.from)} by force`, reason)
    case 'released':
      return line('ownership', 'released it', reason)
    case 'escalated':
      return line(
        'ownership',
        fact.person === null ? 'escalated to the commanders' : `escalated to ${name(fact.person)}`,
        reason,
      )
    case 'assisted':
      return line('ownership', name(fact.person) === who ? 'assists' : `asked ${name(fact.person)} to assist`)
    case 'confirmed':
      return line('ownership', 'is on it')
    case 'seen':
      return line('ownership', 'has seen it')
    case 'notified':
      return toldOf([fact])
    case 'owner-asked':
      return line('ownership', `asked ${name(fact.owner)} for a sign of life`)
    case 'owner-silent':
      return line('ownership', `told the commanders: no sign of life from ${name(fact.owner)}`)
    case 'brief-revised':
      return line('words', 'revised the brief', situation(fact.brief))
    case 'classified':
      return line(
        'state',
        fact.from === null
          ? `classified it as Tier ${text(fact.tier)}`
          : `re-graded it from Tier ${text(fact.from)} to Tier ${text(fact.tier)}`,
        reason,
      )
    case 'dismissed':
      return line('state', 'dismissed it: not an incident', reason)
    case 'phase-set':
      return line('state', `${text(fact.from)} → ${text(fact.phase)}`, reason)
    case 'reopened':
      return line('state', `reopened it (was ${text(fact.from)})`, reason)
    case 'noted':
      return line('words', 'noted', text(fact.text))
    case 'updated':
      return line(
        'words',
        fact.nextDueAt === null ? 'reported' : `reported, next by ${minute(fact.nextDueAt)}`,
        text(fact.text),
      )
    case 'task-added': {
      const due = fact.dueAt === null ? '' : `, due ${minute(fact.dueAt)}`
      const whose = fact.person === null ? '' : name(fact.person) === who ? ', theirs' : ` for ${name(fact.person)}`
      return line('words', `added task ${text(fact.task)}${whose}${due}`, text(fact.text))
    }
    case 'task-set':
      return line('state', taskWords(fact, who))
    case 'evidence-added':
      return line('words', evidenceWords(fact), text(fact.note))
    case 'evidence-withdrawn':
      return line('state', `withdrew evidence ${text(fact.evidence)}`, reason)
    case 'evidence-destroyed':
      return line(
        'state',
        `destroyed the bytes of evidence ${text(fact.evidence)}: it was withdrawn, and its time is over`,
      )
    case 'paged':
      return line('ownership', pagedWords(fact))
    case 'update-late':
      return line('words', `noted: the update due ${minute(fact.dueAt)} did not come`)
    case 'relief-prepared': {
      const next = list(fact.to).map(name)
      const whom = next.length === 0 ? 'nobody comes on after it' : `${next.join(', ')} can be offered it`
      return line('ownership', `prepared relief: the shift of ${name(fact.owner)} ends ${minute(fact.endsAt)}; ${whom}`)
    }
    case 'shift-ended':
      return line('ownership', `told the commanders: the shift of ${name(fact.owner)} is over, and they still own it`)
    case 'role-taken':
      return line('ownership', `is ${role(fact)} now`)
    case 'role-offered':
      return line(
        'ownership',
        `offered to be ${role(fact)} to ${name(fact.to)} until ${minute(fact.deadlineAt)}`,
        text(fact.note),
      )
    case 'role-accepted':
      return line(
        'ownership',
        `accepted to be ${role(fact)}${fact.from === null ? '' : `, from ${name(fact.from)}`}`,
        text(fact.readBack),
      )
    case 'role-offer-ended':
      return line(
        'ownership',
        fact.how === 'expired'
          ? `the offer to be ${role(fact)} was not answered`
          : `${fact.how === 'declined' ? 'declined to be' : 'withdrew the offer to be'} ${role(fact)}`,
        reason,
      )
    case 'role-taken-over':
      return line('ownership', `took over as ${role(fact)} from ${name(fact.from)} by force`, reason)
    case 'role-released':
      return line('ownership', `is ${role(fact)} no more`, reason)
    case 'flagged':
      if (fact.flag === 'restricted')
        return line('state', fact.on === true ? 'restricted it' : 'lifted the restriction: everybody sees it')
      return line('state', `${fact.on === true ? 'set' : 'cleared'} the flag “${text(fact.flag).replace('-', ' ')}”`)
    case 'merged':
      return correction(id(fact.into), `merged it into ${id(fact.into)}${byRule(fact)}`)
    case 'unmerged':
      return correction(
        id(fact.from),
        `took the merge into ${id(fact.from)} back; it is in ${text(fact.phase)} again, ${fact.owner === null ? 'and nobody owns it' : `and ${name(fact.owner)} owns it`}`,
      )
    case 'alerts-moved-in': {
      const from = id(fact.from)
      const came = alertsWords(countsOf(fact))
      if (fact.why === 'merge') return correction(from, `merged ${from} into it${byRule(fact)}: ${came}`)
      if (fact.why === 'split') return correction(from, `split it off ${from}: ${came}`)
      return correction(from, `brought back from ${from}: ${came}`)
    }
    case 'alerts-moved-out': {
      const to = id(fact.to)
      const went = alertsWords(countsOf(fact))
      if (fact.why === 'split') return correction(to, `split off as ${to}: ${went}`)
      if (fact.why === 'undo') return correction(to, `took the merge of ${to} back; gone with it: ${went}`)
      return correction(to, `gone to ${to}: ${went}`)
    }
    case 'clock-started':
    case 'clock-corrected':
    case 'clock-stopped':
    case 'clock-resumed':
    case 'clock-near':
    case 'clock-breached':
    case 'clock-carried':
    case 'clock-gone':
      return line(
        fact.type === 'clock-corrected' || fact.type === 'clock-resumed' ? 'correction' : 'state',
        clockFactWords(fact, (at) => utcMoment(Date.parse(text(at)), Date.parse(fact.at))),
        reason,
      )
    case 'identified': {
      const of = fact.service === null ? '' : ` of ${text(fact.service)}`
      return { ...correction('', `named it anew${byRule(fact)}: “${text(fact.title)}”${of}`), about: null }
    }
    default:
      return line('state', fact.type.replaceAll('-', ' '))
  }
}

function evidenceWords(fact: FactView): string {
  const as = `as evidence ${text(fact.evidence)}`
  if (fact.kind === 'link') return `added a link ${as}: ${text(fact.name) === '' ? text(fact.url) : text(fact.name)}`
  if (fact.kind === 'payload')
    return `kept the request of “${text(fact.name)}” ${as}${fact.verbatim === true ? ', unmasked' : ''}`
  return `added the file “${text(fact.name)}” ${as}`
}

/** Whom the house told that nobody owns it, and when the next are. */
function pagedWords(fact: FactView): string {
  if (fact.quietUntil !== null) return `called on nobody yet: it can wait until ${minute(fact.quietUntil)}`
  const channels = list(fact.channels).length
  const whom = [...list(fact.people).map(name), ...(channels === 0 ? [] : [plus(channels, 'channel')])]
  if (whom.length === 0) return 'found nobody to call on: no step of its escalation means anybody now'
  const again = fact.reason === 'reminder' ? ' again' : ''
  const next = fact.nextAt === null ? '' : `; the next at ${minute(fact.nextAt)}`
  return `called on ${whom.join(', ')}${again}: step ${Number(fact.step) + 1}${next}`
}

/** What became of a task: its state if that is new, else whose it is, else its time. */
function taskWords(fact: FactView, who: string): string {
  const task = `task ${text(fact.task)}`
  const changed = list(fact.changed)
  const ends: Readonly<Record<string, string>> = { done: 'finished', dropped: 'dropped', open: 'reopened' }
  const parts: string[] = []
  if (changed.includes('state')) parts.push(`${ends[text(fact.state)] ?? 'changed'} ${task}`)
  if (changed.includes('person'))
    parts.push(
      fact.person === null
        ? `left ${task} to whoever takes it`
        : name(fact.person) === who
          ? `took ${task}`
          : `gave ${task} to ${name(fact.person)}`,
    )
  if (changed.includes('due'))
    parts.push(fact.dueAt === null ? `took the time off ${task}` : `set ${task} due ${minute(fact.dueAt)}`)
  return parts.length === 0 ? `changed ${task}` : parts.join(', ')
}

/** `6 alerts, 4 of them firing` */
export function alertsWords({ firing, total }: { firing: number; total: number }): string {
  if (total === 0) return 'no alerts'
  if (firing === 0) return `${plus(total, 'alert')}, none firing`
  if (firing >= total) return `${plus(total, 'alert')}, ${total === 1 ? 'firing' : 'all firing'}`
  return `${plus(total, 'alert')}, ${firing} of them firing`
}

/** What the filter did by a rule says so; people follow none. */
function byRule(fact: FactView): string {
  return typeof fact.rule === 'string' && fact.rule !== '' ? ` by rule “${fact.rule}”` : ''
}

/** What one act did to an incident in two facts is one line: it ends and its alerts go, it opens and its alerts come. */
function oneAct(first: FactView, next: FactView): FactWords | null {
  if (first.at !== next.at || first.by.id !== next.by.id) return null
  const words = factWords(first)
  const moved = alertsWords(countsOf(next))
  if (first.type === 'merged' && next.type === 'alerts-moved-out' && next.why === 'merge')
    return { ...words, did: `${words.did}, with ${moved}` }
  if (first.type === 'unmerged' && next.type === 'alerts-moved-in')
    return { ...words, did: `${words.did}, with ${moved}` }
  if (first.type === 'declared' && next.type === 'alerts-moved-in' && next.why === 'split') return factWords(next)
  return null
}

export interface FactGroup {
  key: string
  facts: readonly FactView[]
  words: FactWords
  at: number
  /** Of the newest in the group. */
  lastAt: number
}

const joinWithinMs = 5 * 60_000

/**
 * The timeline, newest first. Runs of alert changes of one kind within five minutes become one line with their sum:
 * a storm is one thing that happened, not a hundred.
 */
export function timeline(facts: readonly FactView[]): FactGroup[] {
  const groups: FactGroup[] = []
  for (const fact of facts) {
    const at = Date.parse(fact.at)
    const words = factWords(fact)
    const last = groups.at(-1)
    const first = last?.facts[0]
    const joined = last === undefined || first === undefined || last.facts.length > 1 ? null : oneAct(first, fact)
    if (last !== undefined && joined !== null) {
      groups[groups.length - 1] = { ...last, facts: [...last.facts, fact], words: joined }
      continue
    }
    if (last !== undefined && first?.type === 'notified' && words.kind === 'told' && at - last.lastAt < joinWithinMs) {
      const facts = [...last.facts, fact]
      groups[groups.length - 1] = { ...last, facts, lastAt: at, words: toldOf(facts) }
      continue
    }
    if (
      last !== undefined &&
      first?.type === fact.type &&
      words.kind === 'alerts' &&
      first.rule === fact.rule &&
      at - last.lastAt < joinWithinMs
    ) {
      const facts = [...last.facts, fact]
      const alerts = facts.flatMap((one) => list(one.alerts))
      groups[groups.length - 1] = {
        ...last,
        facts,
        lastAt: at,
        words: spread(factWords({ ...fact, alerts }), last.at, at),
      }
    } else groups.push({ key: String(fact.seq), facts: [fact], words, at, lastAt: at })
  }
  return groups.reverse()
}

/** Whom the house told, by what way, and whom it could not. */
function toldOf(facts: readonly FactView[]): FactWords {
  const all = facts.map((fact) => ({
    person: fact.person === null ? null : name(fact.person),
    channel: text(fact.channel),
    outcome: text(fact.outcome),
    attempt: Number(fact.attempt ?? 0),
    detail: text(fact.detail),
  }))
  const said = troubleWords(all)
  const did = toldWords(all)
  return { who: facts[0]?.by.name ?? '', did, said: said === '' ? null : said, kind: 'told', about: null }
}

function spread(words: FactWords, from: number, to: number): FactWords {
  return to - from < 60_000 ? words : { ...words, did: `${words.did}, over ${ageWords(to - from)}` }
}

/** `1 alert`, `2 alerts` */
export function plus(count: number, word: string): string {
  return `${count} ${count === 1 ? word : `${word}s`}`
}
/** An incident's number. */
function id(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value ? text(value.id) : text(value)
}
function countsOf(fact: FactView): { firing: number; total: number } {
  return { firing: Number(fact.firing ?? 0), total: Number(fact.total ?? 0) }
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
function minute(value: unknown): string {
  const at = typeof value === 'number' ? value : Date.parse(text(value))
  return Number.isFinite(at) ? `${utcMinute(at)} UTC` : 'an unknown time'
}
function name(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'name' in value) return text(value.name)
  return value === null || value === undefined ? 'nobody' : text(value)
}
function situation(value: unknown): string {
  return typeof value === 'object' && value !== null && 'situation' in value ? text(value.situation) : ''
}
/** The part that a fact is about, in a sentence. */
function role(fact: FactView): string {
  return text(fact.role)
}
