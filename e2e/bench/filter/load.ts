import { makeCascade } from '#server/demo/cascade/cascade.ts'
import { usualDelivery } from '#server/demo/cascade/delivery.ts'
import { platform } from '#server/demo/cascade/graphs.ts'
import { makeFilter } from '#server/filter/index.ts'
import { figure, type Row, say, spreadOf } from '../table.ts'
import { entryOf, policyFor, read } from './play.ts'

const wanted = 100_000
const withinMs = 60_000
const startsAt = Date.UTC(2026, 0, 1)
const perRequest = 100

/**
 * P9 as far as the fold alone goes: 100,000 events of a platform of 50 services that loses a zone, told in 60 s of log time.
 * The alerts of an hour come within a minute, each again and again, as from senders that are not patient.
 */
export function measureLoad(rounds: number): { rows: Row[]; detail: unknown } {
  const delivery = { ...usualDelivery, loss: 0, delay: 0 }
  const { requests, alerts } = makeCascade({ graph: platform, kind: 'zone loss', seed: 194_100, startsAt, delivery })
  const events = requests
    .flatMap((request) => read(request).events)
    .filter(({ status, family }) => status === 'firing' && family === 'alertmanager')
  const tooks: number[] = []
  let incidents = 0
  let firstMs = 0
  for (let round = -1; round < rounds; round++) {
    const filter = makeFilter({ policy: policyFor(platform), policyHash: 'bench', filter: null, alerts: [] })
    firstMs = Number.POSITIVE_INFINITY
    let tookMs = 0
    for (let told = 0, pos = 0; told < wanted; told += perRequest) {
      const at = startsAt + Math.floor((told / wanted) * withinMs)
      // The first tenth of the minute brings the alerts one after another; then all of them, round and round.
      const known = Math.max(1, Math.min(events.length, Math.floor((told / (wanted / 10)) * events.length)))
      const members = Array.from({ length: perRequest }, (_, index) => {
        const event = events[(told + index) % known] ?? nothingToTell()
        return { ...event, startsAt, endsAt: null, expiresAt: at + 240_000 }
      })
      const request = { door: 'prometheus', atMs: at } as const
      const entry = entryOf(request, { events: members, unreadable: [], answer: { status: 200 }, keep: true }, ++pos)
      const began = performance.now()
      const { effects } = filter.fold(entry)
      tookMs += performance.now() - began
      if (effects.length > 0 && !Number.isFinite(firstMs)) firstMs = at - startsAt
    }
    incidents = filter.size().groups
    if (round >= 0) tooks.push((tookMs * 1000) / wanted)
  }
  const cost = spreadOf(tooks)
  say(
    `P9 ${wanted} events of ${alerts.length} alerts in ${incidents} incidents: ${figure(cost, ' µs')} an event, the first incident after ${firstMs} ms`,
  )
  const row: Row = {
    id: 'P9',
    work: `${wanted / 1000}k events of 50 services in 60 s, nearly all repeats: time of the fold`,
    self: `${((cost.median * wanted) / 1e6).toFixed(2)} s`,
    peer: '–',
    ceiling: '–',
    ratio: '–',
    bar: '≤ 60 s',
    met: cost.high * wanted <= 60e6,
  }
  return { rows: [row], detail: { wanted, usPerEvent: cost, alerts: alerts.length, incidents, firstMs } }
}

function nothingToTell(): never {
  throw new TypeError('the cascade tells nothing')
}
