import type { Settings } from '#shared/source.ts'
import type { Source } from '../access/port.ts'
import type { Adapter, SourceLimit } from './port.ts'

/** How much a source may send that is limited to nothing else. */
export const usualLimit: SourceLimit = { perSecond: 25_000, burst: 50_000, maxBytes: 16 * 1024 * 1024 }

/** What its settings say; without, the same generous limit for all. */
export function limitBySettings({ settings }: Source): SourceLimit {
  const { perSecond, maxKilobytes } = settings
  if (perSecond === undefined && maxKilobytes === undefined) return usualLimit
  const rate = typeof perSecond === 'number' ? { perSecond, burst: perSecond * 2 } : usualLimit
  const maxBytes = typeof maxKilobytes === 'number' ? maxKilobytes * 1024 : usualLimit.maxBytes
  return { ...rate, maxBytes }
}

/** Topics that it takes, where its vendor has topics; null = any. */
export function topicsBySettings({ settings: { topics } }: Source): readonly string[] | null {
  return Array.isArray(topics) ? topics : null
}

/** Those settings that the adapter's reading depends on. */
export function settingsFor({ uses, pin }: Adapter, { settings, name }: Source): Settings {
  if (uses === undefined) return noSettings
  const used = Object.fromEntries(Object.entries({ ...settings, name }).filter(([each]) => uses.includes(each)))
  return pin?.(used) ?? used
}
const noSettings: Settings = Object.freeze({})
