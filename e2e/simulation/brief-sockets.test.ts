import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLink } from '#client/link/link.ts'
import { addRow, applyEdit, editBetween, textOf } from '#client/views/brief/writing/document.ts'
import { type DraftSession, makeDraftSession } from '#client/views/brief/writing/session.ts'
import { type Random, seeded } from '#server/demo/random.ts'
import { protocol } from '#shared/wire.ts'
import { critical, raise } from '../world/events.ts'
import { type House, type Player, setUpHouse } from '../world/house.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'
import { calm, inWeather, makeNodeTransport, type Weather, wallClock } from './lossy.ts'

const storm: Weather = { lost: 0.01, repeated: 0.08, late: 0.15, broken: 0.03 }

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer()
  house = await setUpHouse(server, { responders: 3 })
})
afterAll(async () => {
  await server?.close()
})

/** A page of somebody, over a line with this weather. */
function open(player: Player, incidentId: string, random: Random, weather: () => Weather) {
  const { transport, counts } = inWeather(
    makeNodeTransport({ url: server.url, cookie: player.api.cookie }),
    random,
    weather,
  )
  const link = makeLink({ transport, clock: wallClock, random: random.next, newId: randomUUID, protocol })
  link.start()
  const session = makeDraftSession(link, incidentId, wallClock)
  session.enter()
  return { session, counts, link }
}

function type(session: DraftSession, word: string, at: (length: number) => number): void {
  const text = textOf(session.doc, 'situation')
  const before = text.toString()
  const starts = [0, ...[...before.matchAll(/ /g)].map(({ index }) => index + 1)]
  const place = starts[at(starts.length)] ?? 0
  applyEdit(
    text,
    editBetween(before, `${before.slice(0, place)}${word} ${before.slice(place)}`, place + word.length + 1),
  )
}

describe('a brief over real sockets', () => {
  it('BD1 BD3 three pages in bad weather, one of them offline for a while, and a server that is killed: every word of everybody is there, and after another restart too', async () => {
    const { key } = await house.addSource('prometheus', 'checkout')
    await raise(server.url, key, [critical('checkout')])
    const [incident] = await until('an incident', async () => {
      const { incidents } = await house.administrator.picture()
      return incidents.length > 0 ? incidents : null
    })
    const id = incident?.id ?? ''
    const random = seeded(1940)
    let weather = storm
    const pages = house.responders.map((player) => open(player, id, random.fork(player.email), () => weather))
    try {
      for (const { session } of pages)
        await until('the draft to be here', () => session.status().state === 'live', { within: 60_000 })
      const begun = pages[0]?.session.draft().texts.situation ?? ''
      expect(begun).toContain('checkout')
      const words: string[] = []
      const round = async (n: number) => {
        for (const [index, { session }] of pages.entries()) {
          const word = `w${index}x${n}`
          words.push(word)
          type(session, word, (length) => random.between(0, length - 1))
        }
        // Some of it goes out between, some together.
        if (n % 2 === 0)
          await until('one to be sent', () => pages.some(({ session }) => !session.status().unsent), {
            within: 400,
          }).catch(() => null)
      }
      for (let n = 0; n < 10; n++) await round(n)
      pages[2]?.link.stop()
      for (let n = 10; n < 14; n++) await round(n)
      await server.kill('SIGKILL')
      for (let n = 14; n < 17; n++) await round(n)
      const [first] = pages
      if (first !== undefined) addRow(first.session.doc, 'ruledOut', 'row-1', { text: 'not the disk' })
      await server.restart()
      pages[2]?.link.start()
      for (let n = 17; n < 20; n++) await round(n)
      weather = calm
      await until(
        'all to read the same, and all of it to be saved',
        () => {
          const [one, ...others] = pages.map(({ session }) => session)
          return (
            [one, ...others].every((session) => session?.status().state === 'live' && !session.status().unsent) &&
            others.every((other) => JSON.stringify(other.draft()) === JSON.stringify(one?.draft()))
          )
        },
        { within: 90_000 },
      )
      const draft = pages[0]?.session.draft()
      const there = new Set(draft?.texts.situation.split(' '))
      expect(words.filter((word) => !there.has(word))).toEqual([])
      expect(draft?.rows.ruledOut.map(({ texts }) => texts.text)).toEqual(['not the disk'])
      expect(pages[0]?.session.status().people).toHaveLength(3)
      expect(pages.reduce((sum, { counts }) => sum + counts.lost + counts.late + counts.broken, 0)).toBeGreaterThan(5)

      // What was acknowledged is on disk: a page that has nothing reads the same from a server that was killed again.
      for (const { link } of pages) link.stop()
      await server.kill('SIGKILL')
      await server.restart()
      const [player] = house.responders
      const late = open(player as Player, id, random.fork('late'), () => calm)
      pages.push(late)
      await until('the draft to be here', () => late.session.status().state === 'live', { within: 60_000 })
      expect(late.session.draft()).toEqual(draft)

      // What is longer than a brief may be is refused with the path of each field; the draft keeps it.
      const long = await player?.api.command(id, {
        type: 'revise',
        brief: { situation: draft?.texts.situation ?? '', done: ['x'.repeat(201)], actions: [] },
      } as never)
      expect(long?.status).toBe(422)
      expect(JSON.stringify(long?.body)).toMatch(/brief\.situation.*brief\.done\.0/)
    } finally {
      for (const { link } of pages) link.stop()
    }
  }, 360_000)
})
