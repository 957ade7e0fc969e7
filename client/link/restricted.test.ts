import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { protocol, type Summary } from '#shared/wire.ts'
import { checkout } from '../stories/incidents.ts'
import { makeLink } from './link.ts'
import { type Fate, makeFakeClock, makeModel } from './restricted.fixture.ts'

function makeRig(fate: () => Fate = () => 'through') {
  const clock = makeFakeClock()
  const model = makeModel(clock, fate)
  let made = 0
  const link = makeLink({ transport: model.transport, clock, random: () => 0.5, newId: () => `c${++made}`, protocol })
  let board: ReadonlyMap<string, Summary> = new Map()
  let restricted: ReadonlyMap<string, Summary> = new Map()
  const news: boolean[] = []
  const hidden: string[] = []
  link.watch('board', {
    changed(next) {
      if ('incidents' in next) board = next.incidents
    },
    refused: () => {},
  })
  link.restricted({
    changed(next, { isNews }) {
      restricted = next
      news.push(isNews)
    },
    hidden: (id) => hidden.push(id),
  })
  link.start()
  /** Somebody opens the page of an incident; what it shows is told. */
  function open(id: string) {
    const page = { title: null as string | null, said: '' }
    const close = link.watch(`incident:${id}`, {
      changed(next) {
        if ('view' in next) Object.assign(page, { title: next.view.summary.title, said: '' })
      },
      refused: ({ code }, isHidden) => Object.assign(page, { title: null, said: isHidden ? 'hidden' : code }),
    })
    return { page, close }
  }
  const beats = (count: number) => {
    for (let i = 0; i < count; i++) {
      model.beat()
      clock.run(5_000)
    }
  }
  const state = () => link.report().state.kind
  return { clock, model, link, open, beats, news, hidden, state, board: () => board, restricted: () => restricted }
}

describe('L6 restricted incidents on the line', () => {
  it('are not asked for and are there, with the first picture and without being news', () => {
    const { model, clock, restricted, news, state } = makeRig()
    model.change('INC-7', { restricted: true })
    clock.run(8)
    expect(state(), 'what belongs to the board is not here yet').not.toBe('live')
    clock.run(100)
    expect([...restricted().keys()]).toEqual(['INC-7'])
    expect([news, state()]).toEqual([[false], 'live'])
    expect(model.sent).toEqual([{ event: 'watch', room: 'board' }])
    model.change('INC-7', { title: 'Worse' })
    clock.run(100)
    expect(restricted().get('INC-7')?.title).toBe('Worse')
    model.change('INC-8', { restricted: true })
    clock.run(100)
    expect([restricted().size, news.at(-1)]).toEqual([2, true])
  })

  it('that are hidden are gone at once, from the board and from the page that is open', () => {
    const { model, clock, restricted, board, hidden, open } = makeRig()
    model.change('INC-7', {})
    clock.run(100)
    const { page } = open('INC-7')
    clock.run(100)
    expect(page.title).toBe(checkout.title)
    model.change('INC-7', { restricted: true, seen: false })
    clock.run(5)
    expect(page).toEqual({ title: null, said: 'hidden' })
    expect([board().size, restricted().size, hidden]).toEqual([0, 0, ['INC-7']])
  })

  it('that were hidden while the line was down are gone when it is back: the page is told so, the board has it no more', () => {
    const { model, clock, restricted, hidden, open, state } = makeRig()
    model.change('INC-7', { restricted: true })
    model.change('INC-8', { restricted: true })
    clock.run(100)
    const { page } = open('INC-7')
    clock.run(100)
    model.drop()
    expect(restricted().size, 'what was last known stays in view').toBe(2)
    model.change('INC-7', { seen: false })
    model.change('INC-8', { seen: false })
    clock.run(1_000)
    expect(page).toEqual({ title: null, said: 'hidden' })
    expect([restricted().size, hidden, state()]).toEqual([0, ['INC-7'], 'live'])
    expect([...model.joined()]).toEqual(['board'])
  })

  it('come back to a page that said that they were hidden, by being named in it and by the lifting', () => {
    const { model, clock, restricted, open, board } = makeRig()
    model.change('INC-7', {})
    clock.run(100)
    const { page } = open('INC-7')
    clock.run(100)
    model.change('INC-7', { restricted: true, seen: false })
    clock.run(100)
    model.change('INC-7', { seen: true })
    clock.run(100)
    expect([page.title, restricted().size]).toEqual([checkout.title, 1])
    model.change('INC-7', { restricted: false })
    clock.run(100)
    expect([page.title, restricted().size, board().size]).toEqual([checkout.title, 0, 1])
    // It was brought, and is asked for now: it goes on hearing of it.
    model.change('INC-7', { title: 'Better' })
    clock.run(100)
    expect(page.title).toBe('Better')
    model.change('INC-7', { restricted: true, seen: false })
    clock.run(100)
    model.change('INC-7', { restricted: false })
    clock.run(100)
    expect(page.title).toBe('Better')
  })

  it('whose page is open stay on the board when it is closed, and leave with the board alone', () => {
    const { model, clock, restricted, open, hidden } = makeRig()
    model.change('INC-7', {})
    clock.run(100)
    const { close } = open('INC-7')
    clock.run(100)
    model.change('INC-7', { restricted: true })
    clock.run(100)
    expect(restricted().has('INC-7')).toBe(true)
    close()
    clock.run(100)
    model.change('INC-7', { title: 'Later' })
    clock.run(100)
    expect(restricted().get('INC-7')?.title).toBe('Later')
    model.change('INC-7', { onBoard: false })
    clock.run(100)
    expect([restricted().size, hidden]).toEqual([0, []])
    // One that is not on the board does not come to it by being looked at.
    const again = open('INC-7')
    clock.run(100)
    expect([again.page.title, restricted().size]).toEqual(['Later', 0])
  })

  it('are forgotten when the session ends', () => {
    const { model, clock, restricted, hidden, link } = makeRig()
    model.change('INC-7', { restricted: true })
    clock.run(100)
    link.stop()
    expect([restricted().size, hidden]).toEqual([0, ['INC-7']])
  })

  it('a room that the server still has this page in, though nobody looks, is left', () => {
    const { model, clock, open, beats } = makeRig()
    model.change('INC-7', {})
    clock.run(100)
    // Closed before the answer: the server lets it in after it has gone.
    const { close } = open('INC-7')
    clock.run(100)
    close()
    clock.run(100)
    model.joined().add('incident:INC-7')
    beats(3)
    expect([...model.joined()]).toEqual(['board'])
  })

  const id = fc.integer({ min: 1, max: 5 }).map((n) => `INC-${n}`)
  const step = fc.oneof(
    fc.record({ do: fc.constant('restrict' as const), id, restricted: fc.boolean(), seen: fc.boolean() }),
    fc.record({ do: fc.constant('see' as const), id, seen: fc.boolean() }),
    fc.record({ do: fc.constant('move' as const), id, onBoard: fc.boolean() }),
    fc.record({ do: fc.constant('name' as const), id, title: fc.string({ maxLength: 4 }) }),
    fc.record({ do: fc.constant('open' as const), id }),
    fc.record({ do: fc.constant('close' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
    fc.constant({ do: 'beat' as const }),
    fc.constant({ do: 'drop' as const }),
  )
  const fates = fc.array(fc.constantFrom<Fate>('through', 'through', 'lost', 'twice', 'late'), {
    minLength: 1,
    maxLength: 40,
  })
  it('L6: whatever the line loses, repeats and delays, both pictures end as the server’s, and every page as it should', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fates, (steps, lots) => {
        let at = 0
        let honest = false
        const rig = makeRig(() => (honest ? 'through' : (lots[at++ % lots.length] ?? 'through')))
        const pages: (ReturnType<typeof rig.open> & { id: string })[] = []
        for (const one of steps) {
          if (one.do === 'restrict') rig.model.change(one.id, { restricted: one.restricted, seen: one.seen })
          if (one.do === 'see') rig.model.change(one.id, { seen: one.seen })
          if (one.do === 'move') rig.model.change(one.id, { onBoard: one.onBoard })
          if (one.do === 'name') rig.model.change(one.id, { title: one.title })
          if (one.do === 'open') pages.push({ ...rig.open(one.id), id: one.id })
          if (one.do === 'close') pages.shift()?.close()
          if (one.do === 'wait') rig.clock.run(one.ms)
          if (one.do === 'beat') rig.model.beat()
          if (one.do === 'drop') rig.model.drop()
        }
        honest = true
        // Without beats it would take the line for dead, and begin anew.
        rig.beats(12)
        expect(rig.state()).toBe('live')
        expect(new Map(rig.board())).toEqual(rig.model.publicOnes())
        expect(new Map(rig.restricted())).toEqual(rig.model.belonging())
        const onBoard = new Map([...rig.model.publicOnes(), ...rig.model.belonging()])
        for (const { id, page } of pages) {
          const one = rig.model.seen(id)
          // A page that was refused hears of it again only through the board.
          if (one !== null && (onBoard.has(id) || page.title !== null)) expect(page.title).toBe(one.title)
          else expect(page).toEqual({ title: null, said: expect.stringMatching(/^hidden|not-found$/) })
        }
        const inside = [...rig.model.joined()].filter((room) => room !== 'board')
        const wanted = new Set([
          ...[...rig.model.belonging().keys()].map((one) => `incident:${one}`),
          ...pages.flatMap(({ id, page }) => (page.title === null ? [] : [`incident:${id}`])),
        ])
        expect(new Set(inside)).toEqual(wanted)
      }),
      { numRuns: 400 },
    )
  })
})
