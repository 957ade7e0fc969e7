/** What a person’s way is called in a sentence; a shared channel is called by its name elsewhere. */
export function channelWords(channel: string): string {
  const words: Readonly<Record<string, string>> = {
    email: 'by e-mail',
    'web-push': 'by web push',
    ntfy: 'by ntfy',
    none: 'no way to reach them is set up',
    // By no way, because they want it so.
    '-': '',
  }
  return words[channel] ?? channel
}

/** One fact `notified`, as the timeline has it: names in place of ids. */
export interface Told {
  person: string | null
  channel: string
  outcome: string
  attempt: number
  detail: string
}

const ways = new Set(['email', 'web-push', 'ntfy'])
const wayOf = (channel: string) => (ways.has(channel) ? channelWords(channel) : `in ${channel}`)

/** What was told in one stretch, as one line: `told Ada by e-mail and by ntfy, and Ben by e-mail`. */
export function toldWords(all: readonly Told[]): string {
  return [
    ...outcomeWords(all, 'delivered', 'told'),
    ...outcomeWords(all, 'failed', 'could not yet tell'),
    ...outcomeWords(all, 'given-up', 'gave up telling'),
    ...all
      .filter(({ outcome, channel }) => outcome === 'given-up' && channel === 'none')
      .map(({ detail }) => `could not tell ${detail}`),
  ].join('; ')
}

function outcomeWords(all: readonly Told[], outcome: string, verb: string): string[] {
  const some = all.filter((one) => one.outcome === outcome && one.channel !== 'none')
  if (some.length === 0) return []
  const people = new Map<string, Set<string>>()
  const shared = new Set<string>()
  for (const { person, channel } of some) {
    if (person === null) shared.add(`the channel ${channel}`)
    else people.set(person, (people.get(person) ?? new Set()).add(wayOf(channel)))
  }
  // Who was told by the same ways is named together.
  const byWays = new Map<string, string[]>()
  for (const [person, ways] of people) {
    const how = joined([...ways].sort())
    byWays.set(how, [...(byWays.get(how) ?? []), person])
  }
  const parts = [...[...byWays].map(([how, who]) => `${joined(who)} ${how}`), ...shared]
  return [`${verb} ${parts.length > 2 ? parts.join('; ') : parts.join(', and ')}`]
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** Why something was not told, as the other side said it; empty where all arrived. */
export function troubleWords(all: readonly Told[]): string {
  const why = all.filter(
    ({ outcome, channel, detail }) => outcome !== 'delivered' && channel !== 'none' && detail !== '',
  )
  return [...new Set(why.map(({ detail, attempt }) => `${detail}${attempt > 1 ? ` (${attempt} tries)` : ''}`))].join(
    '; ',
  )
}
