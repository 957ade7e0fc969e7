import { stringify } from 'yaml'
import { type Condition, prometheusBody } from '#server/demo/bodies.ts'
import type { Api } from '#server/demo/client.ts'
import { seeded } from '#server/demo/random.ts'
import type { TrialView } from '#shared/trial.ts'
import { findBrowser, launchBrowser } from '../run/machine.ts'
import { openAs } from '../world/browser.ts'
import { setUpHouse } from '../world/house.ts'
import { newFolder, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'
import type { BenchOptions } from './intake.ts'
import { startLoadMaker } from './load-process.ts'
import { printProfiles, profileEnvironment } from './profile.ts'
import { figure, type Row, say, spreadOf } from './table.ts'

const events = 240
/** Background alerts are Tier 3, so that the card that is measured ranks above them and is in view. */
const policy = stringify({
  version: 1,
  definitions: [
    { name: 'background', match: ['service=~"service-.*"'], as: 3 },
    { name: 'everything else', match: ['severity!=""'], as: 'triage' },
  ],
})

/** What the page notes: the instant (epoch ms) after which a card with this mark was on the screen. */
declare global {
  interface Window {
    painted: Map<string, number>
  }
}

/**
 * Runs in the page. A mark is painted at the second animation frame after it stood in the document: the first one
 * comes before the paint, the next one after it.
 */
function watchForMarks(): void {
  window.painted = new Map()
  const look = (text: string): void => {
    for (const [mark] of text.matchAll(/tell-\d+-\d+x/g)) {
      if (window.painted.has(mark)) continue
      window.painted.set(mark, Number.NaN)
      requestAnimationFrame(() => requestAnimationFrame(() => window.painted.set(mark, Date.now())))
    }
  }
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') look(target.textContent ?? '')
      for (const node of addedNodes) look(node.textContent ?? '')
    }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true })
}

/**
 * P5: from the moment an event is posted to the moment its card is painted in a real Chromium on the same machine; idle,
 * under load, and while policies are tried on the past.
 */
export async function benchTelling({ profile }: BenchOptions): Promise<{ rows: Row[]; detail: unknown }> {
  if (findBrowser() === null) {
    say('there is no Chromium on this machine: telling cannot be measured')
    return { rows: [], detail: null }
  }
  const folder = profile ? newFolder('profile') : null
  const server = await startServer({
    policy,
    env: { LOG_LEVEL: 'warn', ...profileEnvironment(folder) },
  })
  const load = startLoadMaker()
  const browser = await launchBrowser()
  try {
    const house = await setUpHouse(server)
    const probe = await house.addSource('alertmanager', 'probe')
    const background = await house.addSource('alertmanager', 'background')
    const page = await openAs(browser, server, house.commander)
    await page.evaluate(watchForMarks)

    const measure = async (round: number): Promise<{ took: number[]; lost: number }> => {
      const random = seeded(round)
      const posted = new Map<string, number>()
      for (let index = 0; index < events; index++) {
        // It ends with a letter: the text that happens to follow it on the page may begin with a digit.
        const mark = `tell-${round}-${index}x`
        const body = prometheusBody([probeCondition(mark)], Date.now() + 240_000)
        posted.set(mark, Date.now())
        const response = await fetch(`${server.url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${probe.key}` },
          body,
        })
        if (!response.ok) throw new Error(`the probe was refused: ${response.status} ${await response.text()}`)
        // Irregular, so that the measurements do not fall into step with the frames.
        await page
          .waitForFunction((mark) => (window.painted.get(mark) ?? Number.NaN) > 0, mark, {
            polling: 40 + random.between(0, 60),
            timeout: 15_000,
          })
          .catch(() => null)
        // Only what was painted is cleared away: an incident dismissed within one frame is rightly never shown.
        if (index % 10 === 9) await clear(house.commander.api)
      }
      const painted = new Map(await page.evaluate(() => [...window.painted]))
      const took: number[] = []
      for (const [mark, at] of posted) {
        const seen = painted.get(mark)
        if (seen !== undefined && seen > 0) took.push(seen - at)
      }
      return { took: took.sort((a, b) => a - b), lost: posted.size - took.length }
    }

    await measure(0)
    const idle = await measure(1)
    const pouring = load.run({
      url: `${server.url}/api/v2/alerts`,
      authorization: `Bearer ${background.key}`,
      batch: 100,
      connections: 4,
      distinct: 10_000,
      forMs: 45_000,
      perSecond: 5_000,
    })
    await until('the background to be there', async () => (await house.commander.api.picture()).incidents.length >= 50)
    const busy = await measure(2)
    const poured = await pouring
    const quiet = await measure(3)
    const trials = startTrials(house.commander.api)
    const tried = await measure(4)
    const count = await trials.stop()
    await server.kill()
    if (folder !== null) printProfiles(folder)
    const rate = Math.round((poured.alerts / poured.tookMs) * 1000)
    say(`background: ${rate} alerts/s, p99 ${poured.p99Ms.toFixed(1)} ms, ${poured.refused} refused`)
    say(`${count} trials of a policy on ${poured.alerts} alerts, one after the other`)
    const rows = [
      ...rowsOf('idle', idle, 50, 250),
      ...rowsOf(`under ${rate} events/s`, busy, null, 300),
      ...rowsOf('idle, with that behind it', quiet, 50, 250),
      ...rowsOf('the same while policies are tried', tried, 50, 250),
    ]
    return { rows, detail: { events, idle, busy, quiet, tried, trials: count, background: poured } }
  } finally {
    await browser.close()
    load.close()
    await server.close()
  }
}

/** Tries the policy on the past, again and again. @returns `stop`: how often it was begun */
function startTrials(api: Api): { stop(): Promise<number> } {
  let going = true
  let count = 0
  const ended = (async () => {
    while (going) {
      const { id } = await api.must<TrialView>('POST', '/api/policy/try', { text: policy, last: '1h' })
      count++
      await until('the trial to end', async () => {
        const { state } = await api.must<TrialView>('GET', `/api/policy/try/${id}`)
        return state !== 'running'
      })
    }
  })()
  return {
    async stop() {
      going = false
      await ended
      return count
    },
  }
}

function probeCondition(mark: string): Condition {
  return {
    labels: { alertname: 'TellingProbe', service: mark, instance: `${mark}:1`, severity: 'critical' },
    annotations: { summary: `Probe ${mark}` },
    startsAt: Date.now(),
    endedAt: null,
    generatorUrl: 'http://prometheus.example/graph',
  }
}

/** Dismisses the probes' incidents, so that the board stays as small as a real one. */
async function clear(commander: Api): Promise<void> {
  const { incidents } = await commander.picture()
  for (const { id, title } of incidents) {
    if (title.includes('tell-')) await commander.command(id, { type: 'dismiss', reason: 'A probe of the bench' })
  }
}

function rowsOf(
  when: string,
  { took, lost }: { took: number[]; lost: number },
  p50Bar: number | null,
  p99Bar: number,
): Row[] {
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN
  const row = (name: string, value: number, bar: number | null): Row => ({
    id: 'P5',
    work: `event posted → card painted, ${when}, ${name} of ${took.length}${lost > 0 ? ` (${lost} never seen)` : ''}`,
    self: `${value} ms`,
    peer: '–',
    ceiling: '–',
    ratio: '–',
    bar: bar === null ? '–' : `≤ ${bar} ms`,
    met: bar === null ? null : lost === 0 && value <= bar,
  })
  say(`${when}: ${figure(spreadOf(took), ' ms')}`)
  return [row('p50', at(0.5), p50Bar), row('p99', at(0.99), p99Bar)]
}
