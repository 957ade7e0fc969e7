import { setImmediate } from 'node:timers/promises'
import { hasRunningClock } from '#shared/incident/legal-clocks.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Core } from './core.ts'
import { keptSettledMs } from './restore.ts'
import type { FilterCheckpoint, World } from './world.ts'

/**
 * How many alerts one commit of a checkpoint holds: as many as the disk takes in about ten milliseconds, so that neither the
 * event loop nor other commits wait long for it. An incident's snapshot costs about as much as four alerts.
 */
const partSize = { least: 50, first: 100, most: 400 }
const partTakesMs = { least: 6, most: 12 }
const alertsPerIncident = 4

/**
 * Writes where everything stands now, so that a restart replays only what comes after, while events and commands go on:
 * a cut is made at once, then written slice by slice. One at a time: asked for while one is under way, it is that one.
 */
export function makeCheckpointing(core: Core): () => Promise<void> {
  let underWay: Promise<void> | null = null
  return () => {
    if (core.halted() !== null) return underWay ?? Promise.resolve()
    underWay ??= write(core).finally(() => {
      underWay = null
    })
    return underWay
  }
}

async function write(core: Core): Promise<void> {
  const { world } = core
  const { store, clock } = core.parts
  const { pos, seq, policyHash, dirty } = world
  const cut = world.filter.beginCheckpoint()
  world.dirty = new Set()
  const changed = [...dirty].flatMap((id) => world.incidents.get(id) ?? [])
  const filter: FilterCheckpoint = { policyHash, state: cut.filter }
  let size = partSize.first
  try {
    for (let index = 0; ; index++) {
      const incidents = changed.splice(0, size / alertsPerIncident)
      const room = changed.length > 0 ? 0 : size - incidents.length * alertsPerIncident
      const alerts = room > 0 ? cut.next(room) : []
      const isLast = room > 0 && alerts.length < room
      const began = clock.now()
      if (isLast) {
        await store.commit({ checkpoint: { pos, seq, filter, alerts, incidents, parts: index } })
        break
      }
      await store.commit({ checkpointPart: { index, alerts, incidents } })
      const tookMs = clock.now() - began
      if (tookMs > partTakesMs.most) size = Math.max(partSize.least, Math.floor(size / 1.5))
      else if (tookMs < partTakesMs.least) size = Math.min(partSize.most, Math.ceil(size * 1.25))
      await setImmediate()
    }
  } catch (error) {
    // Whatever this one held is for the next one to write.
    cut.abandon()
    for (const id of dirty) world.dirty.add(id)
    throw error
  }
  forgetSettled(world, clock.now() - keptSettledMs)
}

/** Incidents that ended long ago, and that no alert refers to, are read from the store when somebody asks for them. */
function forgetSettled(world: World, before: number): void {
  for (const [id, incident] of world.incidents) {
    const { phase, resolvedAt } = incident
    if (isOpen(phase) || (resolvedAt ?? 0) > before || world.filter.vitalsOf(id) !== undefined) continue
    if (world.restricted.has(id) || hasRunningClock(incident)) continue
    // Changed since the cut: the next checkpoint must have it.
    if (!world.dirty.has(id)) world.incidents.delete(id)
  }
}
