import type { Severity } from '#shared/event.ts'
import type { Watch } from '#shared/watch.ts'
import type { Source } from '../access/port.ts'
import { sourceKind } from './adapters.ts'

/**
 * What is expected of a source: what its kind says, and its own longest silence. Nothing of one that cannot send any more.
 * @param live whether a key of it works
 */
export function watchesFor(source: Source, live: boolean): Watch[] {
  if (!live) return []
  const watch = sourceKind(source.kind)?.watch?.(source) ?? null
  const { silentAfter, silentSeverity } = source.settings
  const silence: Watch[] =
    typeof silentAfter !== 'number'
      ? []
      : [
          {
            id: 'silence',
            hears: 'anything',
            expected: { everyMs: silentAfter },
            graceMs: 0,
            runMs: null,
            afterFirst: false,
            name: source.name,
            severity: (silentSeverity as Severity | undefined) ?? 'high',
            service: null,
          },
        ]
  return watch === null ? silence : [watch, ...silence]
}
