import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dependantsOf } from '#shared/catalogue.ts'
import { circleOf, neighbourhood, reach } from './graph.ts'

function graph(needs: Record<string, string[]>) {
  const services = Object.entries(needs).map(([id, dependsOn]) => ({ id, dependsOn }))
  const dependants = dependantsOf(services)
  return new Map(services.map((one) => [one.id, { ...one, dependants: dependants.get(one.id) ?? [] }]))
}
const shop = graph({ web: ['checkout', 'search'], checkout: ['db', 'bus'], search: ['db'], db: [], bus: ['db'] })

it('stands what needs a service on its left and what it needs on its right, a step a column', () => {
  const { columns, lines, besides } = neighbourhood(shop, 'checkout', { depth: 2, most: 9 })
  expect(columns).toEqual([
    { level: -1, ids: ['web'], more: 0 },
    { level: 0, ids: ['checkout'], more: 0 },
    { level: 1, ids: ['db', 'bus'], more: 0 },
  ])
  expect(lines).toEqual([
    { fromLevel: -1, from: 0, to: 0 },
    { fromLevel: 0, from: 0, to: 0 },
    { fromLevel: 0, from: 0, to: 1 },
  ])
  expect(besides).toEqual([{ from: 'bus', to: 'db' }])
})

it('a long column tells how many more there are', () => {
  const wide = graph({ a: ['b', 'c', 'd'], b: [], c: [], d: [] })
  expect(neighbourhood(wide, 'a', { depth: 1, most: 2 }).columns[1]).toEqual({ level: 1, ids: ['b', 'c'], more: 1 })
})

it('names the shortest circle that a service is in, and none where there is none', () => {
  const circle = graph({ a: ['b', 'x'], b: ['c'], c: ['a'], x: ['y'], y: ['b'] })
  expect(circleOf(circle, 'a')).toEqual(['a', 'b', 'c'])
  expect(circleOf(circle, 'c')).toEqual(['c', 'a', 'b'])
  expect(circleOf(circle, 'x')).toEqual(['x', 'y', 'b', 'c', 'a'])
  expect(circleOf(shop, 'checkout')).toBeNull()
})

it('counts what stands or falls with a service', () => {
  expect(reach(shop, 'db', 'dependants')).toBe(4)
  expect(reach(shop, 'web', 'dependsOn')).toBe(4)
  expect(reach(graph({ a: ['b'], b: ['a'] }), 'a', 'dependsOn')).toBe(1)
})

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const anyGraph = fc
  .array(fc.uniqueArray(fc.constantFrom(...ids)), { minLength: ids.length, maxLength: ids.length })
  .map((needs) => graph(Object.fromEntries(ids.map((id, at) => [id, (needs[at] ?? []).filter((one) => one !== id)]))))

it('law: every need among those shown is said exactly once, by a line or in words; nobody stands twice', () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom(...ids), (services, centre) => {
      const { columns, lines, besides } = neighbourhood(services, centre, { depth: 2, most: 9 })
      const shown = columns.flatMap((column) => column.ids)
      expect(new Set(shown).size).toBe(shown.length)
      const needs = shown.flatMap((id) => (services.get(id)?.dependsOn ?? []).filter((to) => shown.includes(to)))
      expect(lines.length + besides.length).toBe(needs.length)
    }),
  )
})

it('law: a circle is one: each needs the next, and the last the first', () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom(...ids), (services, id) => {
      const circle = circleOf(services, id)
      if (circle === null) return
      expect(circle[0]).toBe(id)
      circle.forEach((at, place) => {
        expect(services.get(at)?.dependsOn).toContain(circle[(place + 1) % circle.length])
      })
    }),
  )
})
