import type { Policy } from '#shared/policy.ts'

/** Who names a channel in the policy, in words: `escalation default`, `announcements`. By the id of the channel. */
export type ChannelUse = ReadonlyMap<string, readonly string[]>

/** Channels that a policy names. One that is not there is no fault of the policy: another house has other channels. */
export function channelUse({
  escalation_policies,
  notify,
}: Pick<Policy, 'escalation_policies' | 'notify'>): ChannelUse {
  const use = new Map<string, Set<string>>()
  const named = (channel: string, by: string) => {
    const all = use.get(channel) ?? new Set()
    use.set(channel, all.add(by))
  }
  for (const { id, steps } of escalation_policies)
    for (const { notify: targets } of steps)
      for (const target of targets)
        if (target.startsWith('channel:')) named(target.slice('channel:'.length), `escalation ${id}`)
  for (const { channel } of notify.announce) named(channel.replace(/^channel:/, ''), 'announcements')
  return new Map([...use].map(([channel, by]) => [channel, [...by]]))
}
