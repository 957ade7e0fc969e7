import type { Phase } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { localMinute } from '../../state/time-words.ts'

const doing: Readonly<Partial<Record<Phase, string>>> = {
  triage: 'has it, and finds out what it is',
  investigating: 'has it, and looks for the cause',
  containing: 'has it, and keeps it from getting worse',
  fixing: 'has it, and mends it',
  restoring: 'has it, and brings everything back',
}

type Told = Pick<Summary, 'phase' | 'owner' | 'resolvedAt' | 'nextUpdateDueAt'>

/** How an incident stands, for somebody who wants to tell a customer. Times are those of this machine. */
export function stateInWords({ phase, owner, resolvedAt, nextUpdateDueAt }: Told): string {
  switch (phase) {
    case 'resolved':
    case 'review':
    case 'closed':
      return resolvedAt === null ? 'It is over.' : `It is over since ${localMinute(Date.parse(resolvedAt))}.`
    case 'dismissed':
      return 'It was looked at, and is no incident. Work on it goes on elsewhere, if at all.'
    case 'merged':
      return 'It is worked on together with another one; open it to see which.'
    default: {
      const next = nextUpdateDueAt === null ? '' : ` Next word by ${localMinute(Date.parse(nextUpdateDueAt))}.`
      if (owner === null) return `Nobody has it yet. Whoever is on duty sees it waiting.${next}`
      return `${owner.name} ${doing[phase] ?? 'has it'}.${next}`
    }
  }
}
