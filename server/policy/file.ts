import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UxbridgeError } from '#shared/errors.ts'
import { unifiedPatch } from '#shared/line-diff.ts'
import type { PolicyTextView } from '#shared/trial.ts'
import { type CheckPolicy, requireValid } from './check.ts'
import { builtInText } from './index.ts'

export interface PolicyDeskParts {
  /** Null: there is none, and the built-in policy is active. */
  file: string | null
  /** Hash of the policy that is active. */
  activeHash: () => string
  /** Reads the file now and makes it active. @throws UxbridgeError `policy-invalid`, `store-full` */
  activate: () => Promise<void>
  check: CheckPolicy
}

/** The text of the policy, and changing it from a screen. The file stays what counts: whoever edits it elsewhere is not overruled. */
export interface PolicyDesk {
  /** As it stands in the file now, also where that is refused and an older one is active. */
  read(): Promise<PolicyTextView>
  check: CheckPolicy
  /**
   * Rule PE1: writes the whole file at once, and only if it is still as `from` says; then makes it active. Rule PE2: what
   * cannot be written is offered as a patch, and nothing is lost.
   * @param from hash of the text that was changed
   * @returns hash of the new text
   * @throws UxbridgeError `policy-invalid`, `policy-changed` with the newer text, `policy-unwritable` with a patch,
   * `nothing-to-change`
   */
  write(text: string, from: string): Promise<string>
}

export function makePolicyDesk({ file, activeHash, activate, check }: PolicyDeskParts): PolicyDesk {
  let writing: Promise<unknown> = Promise.resolve()
  /** What was checked last: the text of the file is asked for again and again. */
  let checked: { hash: string; problems: PolicyTextView['problems'] } | null = null

  async function problemsOf(text: string, hash: string): Promise<PolicyTextView['problems']> {
    if (checked?.hash === hash) return checked.problems
    const { problems } = await check(text)
    checked = { hash, problems }
    return problems
  }

  async function read(): Promise<PolicyTextView> {
    const text = file === null ? builtInText : await textIn(file)
    const name = file === null ? null : basename(file)
    const place = file === null ? ('built-in' as const) : ('file' as const)
    const hash = hashOf(text)
    const problems = await problemsOf(text, hash)
    const writable = file !== null && (await isWritable(file))
    return { text, hash, active: activeHash(), place, file: name, writable, problems }
  }

  async function write(text: string, from: string): Promise<string> {
    const next = requireValid(await check(text))
    const now = await read()
    if (now.hash !== from)
      throw new UxbridgeError(
        'policy-changed',
        'The policy file was changed elsewhere since you read it. Compare, take over what you need, and save again.',
        { text: now.text, hash: now.hash },
      )
    if (next === now.hash) throw new UxbridgeError('nothing-to-change', 'The policy file says exactly this already.')
    if (file === null || !now.writable) throw unwritable(now, text)
    try {
      await replace(file, now.hash, text)
    } catch (error) {
      if (error instanceof UxbridgeError || !(error instanceof Error && 'code' in error)) throw error
      // A file that is mounted by itself cannot be replaced, only its folder's entry could.
      throw unwritable(now, text, String(error.code))
    }
    await activate()
    return next
  }

  return {
    read,
    check,
    write(text, from) {
      const written = writing.then(() => write(text, from))
      writing = written.catch(() => undefined)
      return written
    },
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** @throws UxbridgeError `policy-invalid` where the file cannot be read */
async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new UxbridgeError(
      'policy-invalid',
      `The policy file ${basename(file)} cannot be read (${code}). Check POLICY_FILE and its permissions; the policy before stays active.`,
      { problems: [] },
    )
  }
}

/** Whether the file, and the folder in which it is replaced, take writes. */
async function isWritable(file: string): Promise<boolean> {
  try {
    const real = await realpath(file)
    await Promise.all([real, dirname(real)].map((path) => access(path, constants.W_OK)))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** A link stays one: what it names is replaced. Whoever looks sees the old text or the new one, never half of it. */
async function replace(file: string, hash: string, text: string): Promise<void> {
  const real = await realpath(file)
  const { mode, uid, gid } = await stat(real)
  const fresh = join(dirname(real), `.${basename(real)}.${randomBytes(6).toString('hex')}`)
  try {
    const handle = await open(fresh, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.chmod(mode)
      // Only root may give a file away; for everybody else it is their own already.
      if (process.getuid?.() === 0) await handle.chown(uid, gid)
      await handle.sync()
    } finally {
      await handle.close()
    }
    const newest = await textIn(real)
    if (hashOf(newest) !== hash)
      throw new UxbridgeError('policy-changed', 'The policy file was changed elsewhere in this very moment.', {
        text: newest,
        hash: hashOf(newest),
      })
    await rename(fresh, real)
  } finally {
    await rm(fresh, { force: true })
  }
}

function unwritable(now: PolicyTextView, text: string, code?: string): UxbridgeError {
  if (now.file === null)
    return new UxbridgeError(
      'policy-unwritable',
      'There is no policy file. Save this text as one, set POLICY_FILE to it, and start again.',
      { patch: text, whole: true, file: null },
    )
  const why = code === undefined ? '' : ` (${code})`
  return new UxbridgeError(
    'policy-unwritable',
    `${now.file} cannot be written from here${why}. Apply the patch where the file is kept; it becomes active when the file changes.`,
    { patch: unifiedPatch(now.file, now.text, text), whole: false, file: now.file },
  )
}
