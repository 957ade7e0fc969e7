import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Labels } from '../event.ts'
import { builtInPolicy, policySchema } from '../policy.ts'
import { groupLabelsOf, type RouteNode, routesFor, routeTree } from './routes.ts'

const problems = (input: unknown) => {
  const parsed = policySchema.safeParse(input)
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}
const receivers = ['base', 'a', 'b', 'c'].map((name) => ({ name }))
const treeOf = (route: unknown): RouteNode => routeTree(policySchema.parse({ route, receivers }).route)
const receiversOf = (tree: RouteNode, labels: Labels) => routesFor(tree, labels).map(({ receiver }) => receiver)

const tree = treeOf({
  receiver: 'base',
  group_by: ['alertname'],
  routes: [
    { matchers: ['team="a"'], receiver: 'a', continue: true, group_by: ['...'] },
    {
      match_re: { severity: 'crit.*' },
      match: { team: 'a' },
      receiver: 'b',
      group_by: ['team', 'zone'],
      routes: [{ matchers: ['{zone="x", "k8s.io/ns"!=""}'], receiver: 'c' }],
    },
    { receiver: 'c', matchers: ['severity=info'], group_by: [] },
  ],
})

describe('the route tree', () => {
  it('without a policy: one receiver, groups by alertname', () => {
    const plain = routeTree(builtInPolicy.route)
    expect(receiversOf(plain, { any: 'thing' })).toEqual(['uxbridge'])
    expect(groupLabelsOf(plain, { alertname: 'A', job: 'j' })).toEqual({ alertname: 'A' })
    expect(builtInPolicy.receivers).toEqual([{ name: 'uxbridge', labels: {} }])
  })

  it.each<[Labels, string[]]>([
    [{ job: 'x' }, ['base']],
    [{ team: 'a' }, ['a']],
    [{ team: 'a', severity: 'critical' }, ['a', 'b']],
    [{ team: 'a', severity: 'critical', zone: 'x', 'k8s.io/ns': 'n' }, ['a', 'c']],
    [{ team: 'a', severity: 'not critical' }, ['a']],
    [{ severity: 'info' }, ['c']],
  ])('%j ends at %j', (labels, expected) => {
    expect(receiversOf(tree, labels)).toEqual(expected)
  })

  it('a group has those labels of group_by that the alert has; an empty list makes one group', () => {
    const groups = (labels: Labels) => routesFor(tree, labels).map((node) => groupLabelsOf(node, labels))
    expect(groups({ team: 'a', severity: 'critical', job: 'j' })).toEqual([
      { team: 'a', severity: 'critical', job: 'j' },
      { team: 'a' },
    ])
    expect(groups({ severity: 'info', alertname: 'A' })).toEqual([{}])
    // Inherited from the parent node.
    expect(groups({ team: 'a', severity: 'crit', zone: 'x', 'k8s.io/ns': 'n' })[1]).toEqual({ team: 'a', zone: 'x' })
  })

  it('law: every alert ends somewhere, at most once at a node, and without continue at one child of each', () => {
    const word = fc.constantFrom('a', 'b', 'crit', 'critical', 'info', 'x', '')
    fc.assert(
      fc.property(fc.record({ team: word, severity: word, zone: word, 'k8s.io/ns': word }), (labels) => {
        const ends = routesFor(tree, labels)
        expect(ends.length).toBeGreaterThan(0)
        expect(new Set(ends.map(({ index }) => index)).size).toBe(ends.length)
        for (const end of ends) expect(routesFor(end, labels)).toContain(end)
      }),
    )
  })

  it('labels of routes are inherited', () => {
    const labelled = treeOf({
      receiver: 'base',
      labels: { owner: 'ops', tier: '1' },
      routes: [{ match: { a: 'b' }, labels: { tier: '2' } }],
    })
    expect(routesFor(labelled, { a: 'b' })[0]).toMatchObject({ receiver: 'base', labels: { owner: 'ops', tier: '2' } })
  })
})

describe('what is wrong with a route is said with its place', () => {
  const withRoute = (route: unknown) => problems({ route, receivers })
  it.each<[string, unknown, string]>([
    ['a receiver that is not there', { receiver: 'nix' }, 'route.receiver: undefined receiver "nix" used in route'],
    ['no default', { routes: [] }, 'route: root route must specify a default receiver'],
    [
      'matchers at the root',
      { receiver: 'base', match: { a: 'b' } },
      'route.match: root route must not have any matchers',
    ],
    [
      'continue at the root',
      { receiver: 'base', continue: true },
      'route.continue: cannot have continue in root route',
    ],
    [
      'all labels and one more',
      { receiver: 'base', group_by: ['...', 'a'] },
      'route.group_by: cannot have wildcard group_by (`...`) and other labels at the same time',
    ],
    [
      'one label twice',
      { receiver: 'base', routes: [{ group_by: ['a', 'a'] }] },
      'route.routes.0.group_by: duplicated label "a" in group_by',
    ],
    [
      'no matcher',
      { receiver: 'base', routes: [{ matchers: ['x'] }] },
      'route.routes.0.matchers.0: bad matcher format: x',
    ],
    [
      'a template',
      { receiver: 'base', labels: { a: '{{ .x }}' } },
      'route.labels.a: templates are not read here; write the value itself',
    ],
  ])('%s', (_, route, problem) => {
    expect(withRoute(route)).toEqual([problem])
  })

  it('a key that would do nothing here', () => {
    expect(withRoute({ receiver: 'base', group_wait: '30s' })).toEqual([expect.stringContaining('group_wait')])
    expect(problems({ receivers: [{ name: 'uxbridge', webhook_configs: [] }] })).toEqual([
      expect.stringContaining('webhook_configs'),
    ])
  })

  it('a pattern that is none, and a receiver that is there twice or calls itself otherwise', () => {
    expect(withRoute({ receiver: 'base', routes: [{ match_re: { a: '(' } }] })).toEqual([
      expect.stringMatching(/^route\.routes\.0\.match_re\.a: "\(" is no regular expression/),
    ])
    const named = { name: 'uxbridge' }
    expect(problems({ receivers: [named, named] })).toEqual(['receivers.1.name: receiver "uxbridge" is there twice'])
    expect(problems({ receivers: [{ ...named, labels: { name: 'x' } }] })).toEqual([
      'receivers.0.labels.name: receiver label "name" must match receiver name "uxbridge"',
    ])
  })

  it('receivers without the one that the default route names', () => {
    expect(problems({ receivers })).toEqual(['route.receiver: undefined receiver "uxbridge" used in route'])
  })

  it('a tree without end', () => {
    let route: object = {}
    for (let depth = 0; depth < 60; depth++) route = { routes: [route] }
    expect(withRoute({ ...route, receiver: 'base' })).toEqual([expect.stringContaining('nested deeper')])
  })
})
