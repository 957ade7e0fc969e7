import { parentPort } from 'node:worker_threads'
import type { PolicyCheck } from '#shared/trial.ts'
import { checkText } from '../policy/check.ts'
import { giveWay } from './give-way.ts'

export interface ToCheck {
  id: number
  text: string
}
export interface FromCheck {
  id: number
  check: PolicyCheck
}

/** A thread that checks texts of policies: a thousand rules take longer than an event may wait. */
const port = parentPort
if (port !== null) {
  giveWay('below-normal')
  port.on('message', ({ id, text }: ToCheck) => port.postMessage({ id, check: checkText(text) } satisfies FromCheck))
}
