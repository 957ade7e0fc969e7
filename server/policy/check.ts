import { UxbridgeError } from '#shared/errors.ts'
import type { PolicyCheck } from '#shared/trial.ts'
import { type PolicyProblem, readPolicyText } from './index.ts'
import { outlineOf } from './outline.ts'

/** Says what is wrong with a text, by line, and what stands where in it. Takes long for a thousand rules. */
export type CheckPolicy = (text: string) => Promise<PolicyCheck>

/** The same in the caller's thread. */
export function checkText(text: string): PolicyCheck {
  try {
    const { hash } = readPolicyText(text)
    return { ok: true, hash, problems: [], sections: outlineOf(text) }
  } catch (error) {
    if (!(error instanceof UxbridgeError) || error.code !== 'policy-invalid') throw error
    const problems = (error.details?.problems ?? []) as PolicyProblem[]
    return { ok: false, hash: null, problems, sections: outlineOf(text) }
  }
}

/** @throws UxbridgeError `policy-invalid` with every problem, as reading it would @returns its hash */
export function requireValid({ hash, problems }: PolicyCheck): string {
  if (hash !== null) return hash
  const words = problems.map(
    ({ line, path, message }) => `${line === null ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`,
  )
  throw new UxbridgeError('policy-invalid', `The policy is refused whole:\n${words.join('\n')}`, { problems })
}
