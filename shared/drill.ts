/**
 * Exercises. What belongs to one says so in its identity: the ids of its sources, and with them the keys of its alerts, begin
 * with this. Nothing that begins so can become real, nor the reverse: an id never changes.
 */
export const drillPrefix = 'drill_'

/** Whether a source, by its id, or an alert, by its key, belongs to an exercise. */
export const isOfDrill = (idOrKey: string): boolean => idOrKey.startsWith(drillPrefix)
