import { Registry } from 'prom-client'
import { UxbridgeError } from '#shared/errors.ts'
import { builtInPolicy } from '#shared/policy.ts'
import type { SourceKind } from '../../intake/port.ts'
import type { ApiParts } from '../http.ts'
import { at } from './at.ts'
import { noChannels } from './channels.ts'
import { trialDuty } from './duty.ts'
import { nobodyTold } from './notify.ts'
import { trialFilterRoom, trialLoad, trialPicture } from './picture.ts'
import { trialTote } from './tote.ts'

export * from './call.ts'
export { trialCommandRoom } from './command-room.ts'

const trialPolicyDesk: ApiParts['policyDesk'] = {
  read: async () => ({
    ...{ text: 'version: 1\n', hash: 'abc', active: 'abc', place: 'file', file: 'policy.yaml' },
    ...{ writable: true, problems: [] },
  }),
  check: async (text) =>
    text.includes('[')
      ? { ok: false, hash: null, problems: [], sections: [] }
      : { ok: true, hash: 'def', problems: [], sections: [] },
  write: async () => 'def',
}
const noSuchTrial = () => {
  throw new UxbridgeError('not-found', 'There is no such trial.')
}
const noExercise = () =>
  Promise.reject(new UxbridgeError('drill-running', 'An exercise is on. Wait for its end, or stop it.'))
const noTrials: ApiParts['trials'] = {
  begin: noSuchTrial,
  get: noSuchTrial,
  cancel: noSuchTrial,
  running: () => null,
  close: async () => undefined,
}

const trialKinds: readonly SourceKind[] = [
  {
    kind: 'generic',
    title: 'Anything',
    defaultGroup: 'source',
    keyFormat: 'bearer',
    adapters: [],
    connect: ({ baseUrl, key, sourceId }) => [
      {
        title: 'curl',
        language: 'shell',
        text: `curl ${baseUrl}/intake/${sourceId} -H 'Authorization: Bearer ${key}'`,
      },
    ],
  },
]

/** What the doors take, over the given access; logged lines are kept. */
export function trialApi(
  parts: Pick<ApiParts, 'access' | 'read' | 'clock' | 'commandRoom'>,
): ApiParts & { logged: string[] } {
  const logged: string[] = []
  const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  return {
    ...parts,
    logged,
    channels: noChannels,
    notify: nobodyTold,
    picture: trialPicture(parts.access.nameOf),
    alertmanager: {
      alerts: async () =>
        (async function* () {
          yield '[]'
        })(),
      groups: async () =>
        (async function* () {
          yield '[]'
        })(),
      receivers: () => [{ name: 'uxbridge', labels: { name: 'uxbridge' } }],
      status: () => ({
        cluster: { name: 'uxbridge', status: 'ready', peers: [] },
        versionInfo: { version: '', revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' },
        config: { original: '' },
        uptime: at,
      }),
    },
    filterRoom: trialFilterRoom,
    alarmLoad: trialLoad,
    precedents: { similarTo: async () => null },
    tote: trialTote(parts.access, parts.commandRoom, parts.clock),
    reloadPolicy: async () => undefined,
    policyDesk: trialPolicyDesk,
    trials: noTrials,
    duty: trialDuty,
    drills: { start: noExercise, stop: noExercise, list: () => [] },
    kinds: trialKinds,
    activePolicy: () => ({ policy: builtInPolicy, hash: 'abc' }),
    listening: () => null,
    registry: new Registry(),
    log: { debug: write, warn: write, error: write },
    troublesOf: () => ({ sinceAt: 0, refused: [], unreadable: [], others: 0 }),
    baseUrl: () => 'http://board.test',
    publicUrl: null,
    version: '0.0.0',
    checkAnswers: true,
  }
}
