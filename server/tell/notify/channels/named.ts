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

/**
 * Lines of a policy's text that name a channel which is not there: `channel:<id>` of a step, or `channel: <id>` of an
 * announcement. A warning and no problem, because the same text may be right in another house.
 */
export function unknownChannelsIn(
  text: string,
  exists: (channelId: string) => boolean,
): { line: number; message: string }[] {
  return text.split('\n').flatMap((content, index) => {
    const named = content.replace(/(^|\s)#.*$/, '').matchAll(/\bchannel:\s?['"]?([A-Za-z0-9][\w./-]*)/g)
    const unknown = new Set([...named].flatMap(([, id]) => (id === undefined || exists(id) ? [] : [id])))
    return [...unknown].map((id) => ({
      line: index + 1,
      message: `there is no channel "${id}" here, so this reaches nobody until an administrator adds it`,
    }))
  })
}
