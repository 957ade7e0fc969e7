import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { UxbridgeError } from '#shared/errors.ts'
import { parseDuration } from '#shared/policy.ts'
import type { TrialResult, TrialView } from '#shared/trial.ts'
import { formatProblems, type PolicyProblem, readPolicyText } from '../../policy/index.ts'
import type { Call } from '../call.ts'
import { type OpsCommand, table } from '../command.ts'

/** How often the server is asked how far it is, in milliseconds. */
const askedEveryMs = 300
/** Rows of each list that are printed; `--json` has more. */
const rowsPrinted = 20

export const policyCommands: OpsCommand[] = [
  {
    name: 'policy check',
    usage: '<file, or - for standard input>',
    says: 'Reads a policy file as the server would, and says what is wrong with it, by line.',
    args: { min: 1, max: 1 },
    needs: 'nothing',
    async run(line) {
      const file = line.args[0] ?? ''
      const text = file === '-' ? await line.stdin() : await readFile(file, 'utf8')
      try {
        const { policy, hash } = readPolicyText(text)
        const counts = `${policy.services.length} services, ${policy.teams.length} teams, ${policy.definitions.length} definitions, ${policy.correlate.length} correlation rules`
        return { json: { ok: true, hash, problems: [] }, text: `${file} is valid: ${counts}.\nHash: ${hash}` }
      } catch (error) {
        if (!(error instanceof UxbridgeError) || error.code !== 'policy-invalid') throw error
        const problems = (error.details?.problems ?? []) as PolicyProblem[]
        return { json: { ok: false, problems }, text: formatProblems(file, problems), ok: false }
      }
    },
  },
  {
    name: 'policy try',
    usage: '<file, or - for standard input> [--last 24h]',
    says: 'Tries a policy on the kept log of the running server, and says what would have been hidden, opened and merged.',
    args: { min: 1, max: 1 },
    options: { last: { type: 'string' } },
    needs: 'house',
    async run(line, call) {
      const file = line.args[0] ?? ''
      const text = file === '-' ? await line.stdin() : await readFile(file, 'utf8')
      const last = line.option('last') ?? '24h'
      lengthOf(last)
      const view = await ended((await call('POST', '/api/policy/try', { text, last })) as TrialView, call)
      if (view.result === null) return { json: view, text: view.message ?? view.state, ok: false }
      return { json: view, text: resultText(view.result, last) }
    },
  },
]

/** @throws UxbridgeError `fields-invalid` */
function lengthOf(last: string): number {
  try {
    return parseDuration(last)
  } catch (error) {
    throw new UxbridgeError('fields-invalid', `--last: ${(error as Error).message}`)
  }
}

async function ended(begun: TrialView, call: Call): Promise<TrialView> {
  let view = begun
  while (view.state === 'running') {
    await pause(askedEveryMs)
    view = (await call('GET', `/api/policy/try/${view.id}`)) as TrialView
  }
  return view
}

function resultText(result: TrialResult, last: string): string {
  const { counts, live, candidate, events } = result
  const { same, ...different } = counts
  const head = `${events} events of the last ${last}. Incidents opened: ${live.opened} → ${candidate.opened}. Calls: ${live.calls.all} → ${candidate.calls.all}.`
  if (Object.values(different).every((count) => count === 0))
    return `${head}\nNo difference: ${same} ${same === 1 ? 'incident' : 'incidents'} would have been the same.`
  const rows = <T>(title: string, count: number, list: readonly T[], cells: (row: T) => string[]): string[] =>
    count === 0 ? [] : [`\n${title}: ${count}`, table([], list.slice(0, rowsPrinted).map(cells))]
  const rule = ([first]: readonly { stage: string; rule: string }[]) => (first ? `${first.stage}: ${first.rule}` : '')
  return [
    head,
    ...rows('Incidents that would not have been', counts.hidden, result.hidden, ({ incident, by, people }) => [
      incident.id ?? '-',
      incident.title,
      rule(by),
      people.facts === 0 ? '' : `people worked on it (${people.kinds.join(', ')})`,
    ]),
    ...rows('Incidents that would have been opened', counts.shown, result.shown, ({ incident, by, before }) => [
      incident.title,
      rule(by),
      before.length === 0 ? '' : `held back by ${rule(before)}`,
    ]),
    ...rows('Grouped otherwise', result.grouped.length, result.grouped, ({ kind, live, candidate }) => [
      kind,
      `${live.length} → ${candidate.length}`,
      live.map(({ id }) => id ?? '-').join(', '),
    ]),
    ...rows('Another tier or time', result.changed.length, result.changed, ({ live, candidate, laterMs }) => [
      live.id ?? '-',
      live.title,
      live.tier === candidate.tier ? '' : `tier ${live.tier ?? 'none'} → ${candidate.tier ?? 'none'}`,
      laterMs === 0 ? '' : `${Math.round(Math.abs(laterMs) / 1000)} s ${laterMs < 0 ? 'earlier' : 'later'}`,
    ]),
    `\nAlerts that nobody would have been told of: ${counts.alertsHidden}. Newly told: ${counts.alertsShown}. The same: ${same} incidents.`,
  ].join('\n')
}
