import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { LineCounter, parseDocument, stringify } from 'yaml'
import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import { mappingSchema, type Policy, policySchema } from '#shared/policy.ts'
import { makeCalendar, recurrenceProblems } from './calendar.ts'

export { makeCalendar } from './calendar.ts'

export interface ActivePolicy {
  policy: Policy
  /** SHA-256 of the text, hex: names this version for ever. */
  hash: string
  /** The text itself: versions are kept, so that the past can be judged by the policy of its day. */
  text: string
}
export interface PolicyProblem {
  /** From 1. Null where the problem has no place in the file. */
  line: number | null
  path: string
  message: string
}

/** The built-in policy: what Uxbridge does with no file. */
export const builtInText = stringify({ version: 1 })

/**
 * Reads a policy, whole or not at all.
 * @throws UxbridgeError `policy-invalid`; `details.problems` has line, path and message of every problem
 */
export function readPolicyText(text: string): ActivePolicy {
  const calendar = makeCalendar()
  const policy = readYaml(text, () =>
    policySchema.superRefine((policy, context) => {
      for (const problem of recurrenceProblems(policy, calendar)) context.addIssue({ code: 'custom', ...problem })
    }),
  )
  return { policy, hash: createHash('sha256').update(text).digest('hex'), text }
}

/**
 * Reads one mapping that stands in no policy yet: bare, or under its name as it would stand there.
 * @throws UxbridgeError `policy-invalid`, as for a policy
 */
export function readMappingText(text: string): Mapping {
  const isNamed = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !('fields' in value) && Object.keys(value).length === 1
  const named = z.record(z.string(), mappingSchema).transform((all) => Object.values(all)[0] as Mapping)
  return readYaml<Mapping>(text, (value) => (isNamed(value) ? named : mappingSchema))
}

function readYaml<T>(text: string, schemaFor: (value: unknown) => z.ZodType<T>): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  // Of one slip the parser complains several times; what it says first of a line is what is wrong there.
  const problems = new Map<number, PolicyProblem>()
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0])
    if (!problems.has(line)) problems.set(line, { line, path: '', message })
  }
  if (problems.size > 0) throw invalid([...problems.values()])
  // maxAliasCount: a few aliases must not unfold into gigabytes.
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  const parsed = schemaFor(value).safeParse(value ?? {})
  if (parsed.success) return parsed.data
  throw invalid(
    parsed.error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
      return {
        line: lineOf([...issue.path, ...keys.slice(0, 1)]),
        path: issue.path.join('.'),
        message:
          keys.length > 0
            ? `${keys.map((key) => `"${key}"`).join(', ')} is not read by this version; remove or correct it`
            : wordsOf(issue),
      }
    }),
  )

  /** Line of the nearest node that the path reaches. */
  function lineOf(path: readonly PropertyKey[]): number | null {
    let at = startOf(document.contents)
    for (let length = 1; length <= path.length; length++) {
      const steps = path.slice(0, length)
      // YAML reads the key `1:` as a number, while the schema's path has it as text.
      const asWritten = steps.map((step) => (typeof step === 'string' && /^\d+$/.test(step) ? Number(step) : step))
      at = startOf(document.getIn(steps, true)) ?? startOf(document.getIn(asWritten, true)) ?? at
    }
    return at === null ? null : lines.linePos(at).line
  }
}

const shapes: Readonly<Record<string, string>> = {
  array: 'a list: [a, b], or one line each that begins with “- ”',
  object: 'a block of its own, `key: value` on each line',
  record: 'a block of its own, `key: value` on each line',
  string: 'text; put it in quotes if it looks like a number or a date',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** Of a choice that is none, what there is to choose from; of another shape than is read, which it must have. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (issue.message.endsWith('received undefined')) return 'is missing'
    const shape = shapes[issue.expected]
    if (shape !== undefined) return `must be ${shape}`
  }
  const choices = issue.code === 'invalid_union' ? choicesIn(issue) : null
  return choices === null ? issue.message : `must be one of ${choices.join(', ')}`
}

/** @returns null where something else than certain values would do too */
function choicesIn(issue: z.core.$ZodIssue): string[] | null {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return null
  const each = issue.errors.flat().map(choicesIn)
  return each.includes(null) ? null : each.flatMap((choices) => choices ?? [])
}

function startOf(node: unknown): number | null {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : null
}

/** One line a problem, for a terminal or a log. */
export function formatProblems(file: string, problems: readonly PolicyProblem[]): string {
  return problems
    .map(
      ({ line, path, message }) =>
        `${file}${line === null ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}: ${message}`,
    )
    .join('\n')
}

/** @throws UxbridgeError `policy-invalid`, also where the file cannot be read */
export async function readPolicyFile(file: string | null): Promise<ActivePolicy> {
  if (file === null) return readPolicyText(builtInText)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw invalid(
      [
        {
          line: null,
          path: '',
          message: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Check POLICY_FILE and its permissions`,
        },
      ],
      file,
    )
  }
  // An empty file is one that is being written, or was lost: it must not silently become the built-in policy.
  if (text.trim() === '')
    throw invalid([{ line: 1, path: '', message: 'is empty. Write at least `version: 1`, or unset POLICY_FILE' }], file)
  return readPolicyText(text)
}

export interface PolicyWatch {
  /** Reads the file now; done when its policy is active. @throws UxbridgeError `policy-invalid` when the one before stays */
  reload(): Promise<void>
  close(): void
}

/** A file that is written in pieces is read when it has been left alone for so long. */
const settledAfterMs = 250

/**
 * Hot reload: calls `activate` when the file has a new valid text, `refuse` when it has an invalid one, or one that could
 * not be made active (the old policy stays). Editors replace files rather than write them, so the folder is watched, not the file.
 */
export function watchPolicyFile(
  file: string,
  current: string,
  on: { activate: (policy: ActivePolicy) => unknown; refuse: (error: UxbridgeError) => void },
): PolicyWatch {
  let hash = current
  let reading: Promise<void> = Promise.resolve()
  let refused = ''
  const reload = async () => {
    const next = await readPolicyFile(file)
    refused = ''
    if (next.hash === hash) return
    await on.activate(next)
    hash = next.hash
  }
  const read = async () => {
    try {
      await reload()
    } catch (error) {
      if (!(error instanceof UxbridgeError)) throw error
      // A half-written file is read again at its next event; the same complaint is made once.
      const complaint = JSON.stringify(error.details)
      if (complaint !== refused) on.refuse(error)
      refused = complaint
    }
  }
  const name = basename(file)
  let settling: NodeJS.Timeout | undefined
  const watcher: FSWatcher = watch(dirname(file), { persistent: false }, (_, changed) => {
    // Kubernetes swaps the link `..data` of a mounted ConfigMap; the file's own name is never touched.
    if (changed !== null && changed !== name && !changed.startsWith('..')) return
    clearTimeout(settling)
    settling = setTimeout(() => {
      reading = reading.then(read, read)
    }, settledAfterMs).unref()
  })
  return {
    reload() {
      const reloading = reading.then(reload, reload)
      // Whoever asked is told; what is read next begins anew.
      reading = reloading.catch(() => undefined)
      return reloading
    },
    close() {
      clearTimeout(settling)
      watcher.close()
    },
  }
}

function invalid(problems: readonly PolicyProblem[], file = 'policy'): UxbridgeError {
  return new UxbridgeError('policy-invalid', `The policy is refused whole:\n${formatProblems(file, problems)}`, {
    problems,
  })
}
