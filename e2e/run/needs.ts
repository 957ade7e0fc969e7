import { describe } from 'vitest'
import { findBrowser, findProgram } from './machine.ts'

/**
 * What this machine lacks of what a suite needs, in words, or null if nothing.
 * @param needs `browser`, or the name of a program such as `prometheus`
 */
export function lacks(...needs: ('browser' | (string & {}))[]): string | null {
  const missing = needs.filter((need) => (need === 'browser' ? findBrowser() : findProgram(need)) === null)
  return missing.length === 0 ? null : `this machine has no ${missing.join(', no ')}`
}

/**
 * The only way a test may be skipped: `describeUnless(lacks('prometheus'), 'a real Prometheus', () => { … })`. The
 * reason is in the name of what was skipped, the skips are counted, and in CI they fail the run.
 */
export function describeUnless(reason: string | null, name: string, body: () => void): void {
  if (reason === null) describe(name, body)
  else describe.skip(`${name} [skipped: ${reason}]`, body)
}
