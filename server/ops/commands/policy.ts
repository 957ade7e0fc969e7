import { readFile } from 'node:fs/promises'
import { UxbridgeError } from '#shared/errors.ts'
import { formatProblems, type PolicyProblem, readPolicyText } from '../../policy/index.ts'
import type { OpsCommand } from '../command.ts'

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
]
