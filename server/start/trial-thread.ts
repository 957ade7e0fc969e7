import { parentPort, workerData } from 'node:worker_threads'
import { UxbridgeError } from '#shared/errors.ts'
import type { TrialResult } from '#shared/trial.ts'
import { findingRequest, watchSourceId } from '../command/requests.ts'
import { toFilterEntry } from '../command/restore.ts'
import { makeFilter } from '../filter/index.ts'
import { isDrillEntry } from '../filter/partition.ts'
import { Trial } from '../filter/trial/index.ts'
import { makeReaders, nextOfCron } from '../intake/index.ts'
import { type ActivePolicy, makeCalendar, readPolicyText } from '../policy/index.ts'
import { replay, type TrialJob, type TrialProgress } from '../policy/trial/replay.ts'
import { openReading, type Reading } from '../store/index.ts'
import { giveWay } from './give-way.ts'

/** What the thread says, in this order: how far it has come, then once how it ended. */
export type FromTrial =
  | { kind: 'progress'; progress: TrialProgress }
  | { kind: 'done'; result: TrialResult }
  | { kind: 'failed'; message: string }

/** Progress is told so often, in milliseconds. */
const toldEveryMs = 200

/**
 * A thread that tries one policy on the kept log, and ends. It wires the same rooms as the server does, over a reader of its
 * own.
 */
function run(job: TrialJob, say: (message: FromTrial) => void): void {
  giveWay('low')
  const reading = openReading(job.dir)
  try {
    say({ kind: 'done', result: resultOf(job, reading, say) })
  } finally {
    reading.close()
  }
}

function resultOf(job: TrialJob, reading: Reading, say: (message: FromTrial) => void): TrialResult {
  const candidate = readPolicyText(job.text)
  const versions = new Map<string, ActivePolicy>()
  for (const { id, doc } of reading.settings('policy')) versions.set(id, readPolicyText((doc as { text: string }).text))
  const policyOf = (hash: string) => versions.get(hash)
  const policy = (hash: string) => policyOf(hash)?.policy
  const { adapterById } = makeReaders({ policyOf: policy, activeHash: () => candidate.hash })
  const names = new Map(reading.settings('source').map(({ id, doc }) => [id, (doc as { name?: string }).name ?? id]))
  const sourceName = (id: string) => names.get(id) ?? (id === watchSourceId ? 'Watch over sources' : 'Former source')
  const calendar = makeCalendar()
  let toldAt = 0
  return replay(job, {
    ...{ reading, policyOf, candidate },
    makeTrial: (before) =>
      new Trial({
        makeFilter: ({ policy, hash }) =>
          makeFilter({
            ...{ policy, policyHash: hash, filter: null, alerts: [] },
            ...{ idOf: reading.pseudonym, nextOf: nextOfCron, occurrences: calendar },
          }),
        ...{ before, candidate, from: job.from, sourceName },
        requestOf: (finding, pos) => findingRequest(pos, finding, sourceName(finding.sourceId)).entry,
        isStorm: (entry) =>
          entry.kind === 'request' &&
          entry.sourceId === watchSourceId &&
          entry.events[0]?.labels.alertname === 'AlertStorm',
      }),
    toEntry(logged) {
      const entry = toFilterEntry(logged, { adapter: adapterById, policyOf: policy })
      // Rule DR1: nothing depends on an exercise.
      return entry !== null && isDrillEntry(entry) ? null : entry
    },
    report(progress) {
      const now = performance.now()
      if (now - toldAt < toldEveryMs && progress.done < progress.all) return
      toldAt = now
      say({ kind: 'progress', progress })
    },
  })
}

const port = parentPort
if (port !== null) {
  try {
    run(workerData as TrialJob, (message) => port.postMessage(message))
  } catch (error) {
    if (!(error instanceof UxbridgeError)) throw error
    port.postMessage({ kind: 'failed', message: error.message } satisfies FromTrial)
  }
}
