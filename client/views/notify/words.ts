import type { Matter } from '#shared/notify/intent.ts'
import type { Preferences } from '#shared/notify/preferences.ts'
import { passage } from '#shared/notify/quiet.ts'
import type { PersonalKind, WayView } from '#shared/notify/view.ts'

export const wayNames: Readonly<Record<PersonalKind, string>> = {
  email: 'E-mail',
  'web-push': 'Web push',
  ntfy: 'ntfy',
}

/** Something that may be told, for saying what would happen to it. */
const samples: readonly { what: string; matter: Matter; tier: 1 | 2 | 3 | null }[] = [
  { what: 'A page for Tier 1', matter: { code: 'unowned' }, tier: 1 },
  {
    what: 'Something offered to me',
    matter: { code: 'offered', from: null, to: '', revision: 1, deadlineAt: 0, again: false },
    tier: 3,
  },
  { what: 'A page for what is unclassified', matter: { code: 'unowned' }, tier: null },
  { what: 'A page for Tier 2', matter: { code: 'unowned' }, tier: 2 },
  { what: 'A page for Tier 3, a task, a reminder', matter: { code: 'unowned' }, tier: 3 },
]

/** `14:03`, in the zone of the person. @param at epoch ms */
export function timeIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
}

/** What would reach this person if it happened at `now`, line by line. */
export function reachWords(
  preferences: Preferences,
  ways: readonly WayView[],
  now: number,
): { what: string; how: string; reaches: boolean }[] {
  return samples.map(({ what, matter, tier }) => {
    const at: string[] = []
    const later: string[] = []
    for (const { kind, ready } of ways) {
      if (!ready) continue
      const how = passage(preferences, kind, matter, tier, now)
      const name = wayNames[kind] === 'ntfy' ? 'ntfy' : wayNames[kind].toLowerCase()
      if (how.goes === 'now') at.push(name)
      else if (how.goes === 'later') later.push(`${name} from ${timeIn(preferences.zone, how.at)}`)
    }
    const parts = [...(at.length > 0 ? [`at once by ${at.join(' and ')}`] : []), ...later]
    return { what, how: parts.length === 0 ? 'does not reach me' : parts.join('; '), reaches: at.length > 0 }
  })
}
