import type { KnownPart, LeadTimeView } from '#shared/lead-time.ts'
import { plus } from '../../../state/fact-words.ts'
import { ageWords, bothClocks } from '../../../state/time-words.ts'

/** One of the five numbers in words. */
export interface LeadLine {
  key: 'handovers' | 'classification' | 'information' | 'ownership' | 'updates'
  term: string
  /** The number with its unit. */
  figure: string
  /** What stands beside it. */
  more: string
  /** What was counted, line by line. */
  counted: readonly string[]
  /** Worse than it should be: said by a mark as well, never by hue alone. */
  warns: boolean
}

const partWords: Readonly<Record<KnownPart, string>> = {
  title: 'title',
  service: 'service',
  description: 'description or impact',
  tier: 'tier',
  team: 'team',
}
const beganWords: Readonly<Record<string, string>> = {
  claimed: 'claimed it',
  accepted: 'accepted it',
  'taken-over': 'took over by force',
  unmerged: 'had it again',
}
const clock = (iso: string): string => bothClocks(Date.parse(iso))

/** The five numbers as lines of words, as of the instant that they were counted. */
export function leadLines(lead: LeadTimeView): LeadLine[] {
  return [handovers(lead), classification(lead), information(lead), ownership(lead), updates(lead)]
}

function handovers({ handovers: { count, hops } }: LeadTimeView): LeadLine {
  const meanMs = hops.reduce((sum, { heldMs }) => sum + heldMs, 0) / Math.max(1, hops.length)
  return {
    key: 'handovers',
    term: 'Hand-overs',
    figure: String(count),
    more:
      hops.length === 0
        ? 'nobody has held it'
        : `held ${hops.length === 1 ? 'once' : `${hops.length} times`}, ${ageWords(meanMs)} ${hops.length === 1 ? 'so far' : 'each on average'}`,
    counted: [
      ...hops.map(
        ({ holder, began, from, heldMs }) =>
          `${holder.name} ${beganWords[began] ?? began} at ${clock(from)} and held it ${ageWords(heldMs)}.`,
      ),
      'Accepted offers and take-overs count. Declined and expired offers, and help, do not.',
    ],
    warns: count >= 3,
  }
}

function classification({ classification: { as, by, ms }, open }: LeadTimeView): LeadLine {
  const line = {
    key: 'classification',
    term: 'To classification',
    counted: ['From declaration until it first had a tier, or was dismissed. Re-grading it later changes nothing.'],
  } as const
  if (as === null)
    return {
      ...line,
      figure: ageWords(ms),
      more: open ? 'so far: it has no tier yet' : 'it never had a tier',
      warns: open,
    }
  const what = as === 'dismissed' ? 'dismissed' : `Tier ${as}`
  return {
    ...line,
    figure: ms === 0 ? 'at once' : ageWords(ms),
    more: `${what}, by ${by?.name ?? 'nobody'}`,
    warns: false,
  }
}

function information({ information: { known, missing } }: LeadTimeView): LeadLine {
  return {
    key: 'information',
    term: 'Known when declared',
    figure: `${known.length} of ${known.length + missing.length}`,
    more: missing.length === 0 ? 'nothing was missing' : `without ${joined(missing)}`,
    counted: [
      `Said when it was declared: ${known.length === 0 ? 'nothing' : joined(known)}.`,
      'Title, service, description or impact, tier and team count. What was learnt later does not.',
    ],
    warns: missing.length > 2,
  }
}

function ownership({ ownership: { unownedMs, firstOwner, toFirstOwnerMs }, open }: LeadTimeView): LeadLine {
  return {
    key: 'ownership',
    term: 'Unowned',
    figure: ageWords(unownedMs),
    more:
      firstOwner === null ? 'nobody has owned it' : `first owner after ${ageWords(toFirstOwnerMs)}: ${firstOwner.name}`,
    counted: ['All the time in which it was open and nobody owned it, with gaps between owners. The target is none.'],
    warns: open && firstOwner === null,
  }
}

const becameWords: Readonly<Record<LeadTimeView['updates'][number]['became'], string>> = {
  'on-time': 'on time',
  late: 'late',
  missed: 'never made',
  overdue: 'overdue',
  open: 'not due yet',
  moot: 'ended before it was due',
}

function updates({ updates: all }: LeadTimeView): LeadLine {
  const line = { key: 'updates', term: 'Updates on time' } as const
  const due = all.filter(({ became }) => became !== 'open' && became !== 'moot')
  const kept = due.filter(({ became }) => became === 'on-time').length
  const worstMs = Math.max(0, ...due.map(({ lateMs }) => lateMs))
  const missed = due.filter(({ became }) => became === 'missed' || became === 'overdue').length
  const faults = [
    ...(worstMs > 0 ? [`at most ${ageWords(worstMs)} late`] : []),
    ...(missed > 0 ? [`${missed} not made`] : []),
  ]
  return {
    ...line,
    figure: due.length === 0 ? 'none due' : `${kept} of ${due.length}`,
    more:
      all.length === 0
        ? 'none was promised'
        : faults.length > 0
          ? faults.join(', ')
          : `${plus(all.length, 'promise')} in all`,
    counted: [
      ...all.map(
        ({ dueAt, madeAt, became, lateMs }) =>
          `Due ${clock(dueAt)}: ${becameWords[became]}${lateMs > 0 ? `, by ${ageWords(lateMs)}` : ''}${madeAt !== null ? `, made ${clock(madeAt)}` : ''}.`,
      ),
      'Each update that was promised with a time, against when the next one came.',
    ],
    warns: due.length > kept,
  }
}

function joined(parts: readonly KnownPart[]): string {
  const words = parts.map((part) => partWords[part])
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
