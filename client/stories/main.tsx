import '@fontsource/b612/latin-400.css'
import '@fontsource/b612/latin-700.css'
import '../theme/tokens.css'
import '../theme/base.css'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { memoryLocation } from 'wouter/memory-location'
import { outcomes } from '#shared/outcome.ts'
import { makeApp } from '../app.ts'
import type { Doing } from '../state/act.ts'
import { Root } from '../views/root.tsx'
import { checkout, incidents, ledger, manyIncidents, mergedAway, sources, storyNow } from './incidents.ts'
import { everybody, me, person } from './people.ts'
import { besideTote } from './tote.ts'
import { makeSceneTransport, type Scene } from './transport.ts'

/**
 * Every screen condition by name, at an instant that stands still: `/stories.html?story=board&path=/&theme=light`.
 * It is served in development only; the build does not know it.
 */
const params = new URLSearchParams(location.search)
const story = params.get('story') ?? 'board'
const path = params.get('path') ?? '/'
const doing = params.get('doing') as Doing['type'] | null
const who = params.get('who') ?? 'Tanaka'

const scenes: Record<string, Scene> = {
  board: { incidents, off: [mergedAway], sources, line: 'live' },
  restricted: {
    incidents: incidents.filter(({ id }) => id !== checkout.id && id !== 'INC-1049'),
    restricted: incidents
      .filter(({ id }) => id === checkout.id || id === 'INC-1049')
      .map((one) => ({ ...one, flags: [...one.flags, 'restricted' as const] })),
    sources,
    line: 'live',
  },
  hidden: {
    incidents: incidents.filter((one) => one !== checkout),
    off: [checkout],
    hidden: checkout.id,
    sources,
    line: 'live',
  },
  empty: { incidents: [], sources: [], line: 'live' },
  quiet: { incidents: [], sources, line: 'live' },
  many: { incidents: manyIncidents(1000), sources, line: 'live' },
  loading: { incidents, sources, line: 'lost' },
  stale: { incidents, sources, line: 'silent' },
  newer: { incidents, sources, line: 'live', newer: true },
  trouble: {
    incidents,
    sources,
    line: 'live',
    trouble: 'The disk of /data is full. Make room there; nothing is lost.',
  },
  'signed-out': { incidents, sources, line: 'signed-out' },
  refused: {
    incidents,
    sources,
    line: 'live',
    answer: () => ({
      code: 'not-owner',
      message: 'Only Rui Silva, who owns INC-1047, or a commander may merge INC-1051 into it.',
      details: { owner: person('Silva') },
    }),
  },
  lost: {
    incidents,
    sources,
    line: 'live',
    answer: () => ({
      code: 'already-owned',
      message: 'Jonas Brandt owns INC-1051 since 01:34:25 UTC. You can assist, or ask for relief.',
      details: {
        owner: person('Brandt'),
        since: new Date(storyNow - 2_000).toISOString(),
        instead: ['assist', 'ask-relief'],
      },
    }),
  },
}
const scene = scenes[story] ?? { incidents, sources, line: 'live' }

const started = performance.now()
let now = storyNow - (scene.line === 'silent' ? 41_000 : 0)

const roles = who === 'Tanaka' ? (['commander', 'administrator'] as const) : (['responder'] as const)
const vitals = sources[0]
const answers: Record<string, unknown> = {
  'GET /api/session': me(who, [...roles]),
  'GET /api/people': { people: everybody, teams: [] },
  'GET /api/setup': { needed: false },
  'GET /api/tote/beside': besideTote,
  [`GET /api/incidents/${checkout.id}/sight`]: {
    team: 'Payments',
    commanders: [person('Tanaka')],
    onCall: [person('Brandt')],
    named: [person('Okafor'), person('Ito'), person('Lindqvist'), person('Tanaka'), person('Silva'), person('Brandt')],
  },
  'POST /api/invitations/look': {
    purpose: 'invitation',
    name: 'Jonas Brandt',
    email: 'brandt@example.org',
    expiresAt: '2026-11-29T01:34:27.000Z',
  },
  'GET /api/sources': {
    kinds: [
      { kind: 'alertmanager', title: 'Prometheus or Alertmanager' },
      { kind: 'pagerduty', title: 'PagerDuty Events v2' },
      { kind: 'generic', title: 'JSON by curl or a script' },
    ],
    sources: sources.map((source, index) => ({
      id: source.id,
      kind: source.kind,
      name: source.name,
      createdAt: '2026-10-01T08:00:00.000Z',
      keys: [
        {
          id: `k${index}`,
          prefix: `uxb_${'aqzk'[index]}7f`,
          createdAt: '2026-10-01T08:00:00.000Z',
          lastUsedAt: source.heardAt,
          endsAt: null,
          revokedAt: null,
        },
      ],
      vitals: source,
      lastHour: index === 0 ? { accepted: ledger.accepted, outcomes: ledger.outcomes } : { accepted: 0, outcomes: {} },
    })),
  },
  'POST /api/sources': vitals && {
    source: {
      id: 's9',
      kind: 'alertmanager',
      name: 'prometheus ap',
      createdAt: '2026-11-22T01:34:27.000Z',
      keys: [],
      vitals: { ...vitals, id: 's9', heardAt: null },
      lastHour: { accepted: 0, outcomes: {} },
    },
    key: 'uxb_9mfk3q7h2d8t5w4r6y1z0x',
    url: 'http://localhost:4000/api/v2/alerts',
    connect: [
      {
        title: 'prometheus.yml',
        language: 'yaml',
        text: 'alerting:\n  alertmanagers:\n    - scheme: http\n      authorization:\n        credentials: uxb_9mfk3q7h2d8t5w4r6y1z0x\n      static_configs:\n        - targets: ["localhost:4000"]',
      },
    ],
  },
  'GET /api/ledger': {
    since: new Date(storyNow - 3_600_000).toISOString(),
    rows: Array.from({ length: 60 }, (_, index) => ({
      minute: new Date(Math.floor(storyNow / 60_000 - 59 + index) * 60_000).toISOString(),
      sourceId: 's1',
      accepted: 0,
      outcomes: Object.fromEntries(
        outcomes.map((outcome, o) => [
          outcome,
          Math.round(Math.abs(Math.sin(index / 7 + o)) * (outcome === 'repeated' ? 480 : 14)),
        ]),
      ),
    })),
  },
}

const location_ = memoryLocation({ path: path.split('?')[0] ?? '/', searchPath: path.split('?')[1] ?? '' })
const transport = makeSceneTransport(scene, () => now)
const app = makeApp({
  transport,
  clock: {
    now: () => now,
    after(ms, then) {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
  },
  random: () => 0.5,
  newId: () => `story-${performance.now() - started}`,
  fetcher: async (input, init) => {
    const address = String(input).split('?')[0] ?? ''
    if (story === 'signed-out')
      return Response.json({ code: 'not-signed-in', message: 'Sign in first.' }, { status: 401 })
    const answer = answers[`${init?.method ?? 'GET'} ${address}`]
    return answer === undefined
      ? Response.json({ code: 'not-found', message: 'Stories cannot do that.' }, { status: 404 })
      : Response.json(answer)
  },
  window,
  painted: (then) => requestAnimationFrame(() => setTimeout(then, 0)),
  room: path.startsWith('/wall') ? 'wall' : 'board',
})
for (const ms of [22, 29, 31, 35, 38, 38, 41, 44, 58, 112])
  app.telling.setState({ count: 10, p50Ms: 38, p95Ms: Math.max(ms, 112) })

document.documentElement.dataset.theme = params.get('theme') ?? 'dark'
// For looking at what a thousand cards cost while they change.
Object.assign(window, { story: { app, deliver: transport.deliver, checkout } })

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <Router hook={location_.hook} searchHook={location_.searchHook}>
      <Root app={app} />
    </Router>,
  )
app.start()
// The line falls silent once the picture is here; then three quarters of a minute pass.
if (scene.line === 'silent')
  app.board.subscribe(({ seq }) => {
    if (seq !== null) now = storyNow
  })
setTimeout(() => {
  for (const id of params.getAll('chosen')) app.act.choose(id, true)
  const seq = params.has('seq') ? { seq: Number(params.get('seq')) } : {}
  if (doing !== null)
    app.act.store.setState({ doing: { type: doing, incidentId: params.get('on') ?? 'INC-1042', ...seq } })
  if (params.has('begin')) app.act.begin(params.get('begin') as 'claim', params.get('on') ?? 'INC-1051')
  if (params.has('palette')) app.act.store.setState({ palette: true })
  if (params.has('help')) app.act.store.setState({ help: true })
}, 400)
