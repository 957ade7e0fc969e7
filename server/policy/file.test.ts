import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkText } from './check.ts'
import { makePolicyDesk } from './file.ts'
import { builtInText, readPolicyFile } from './index.ts'

let dir: string
let file: string
let active: string
const first = 'version: 1\n# kept\nreopen_within: 5m\n'
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'uxbridge-policy-'))
  file = join(dir, 'policy.yaml')
  await writeFile(file, first, { mode: 0o640 })
  active = ''
})
afterEach(() => rm(dir, { recursive: true }))

const check = async (text: string) => checkText(text)
const deskOf = (path: string | null) =>
  makePolicyDesk({
    file: path,
    check,
    activeHash: () => active,
    activate: async () => {
      active = (await readPolicyFile(path)).hash
    },
  })

describe('PE1: the file is written whole, and only as it was read', () => {
  it('and is active then; its mode and its being a link stay, and nothing else is left in the folder', async () => {
    const link = join(dir, 'linked.yaml')
    await symlink(file, link)
    const desk = deskOf(link)
    const { text, hash, writable, place, file: name } = await desk.read()
    expect({ text, writable, place, name }).toEqual({ text: first, writable: true, place: 'file', name: 'linked.yaml' })
    const next = first.replace('5m', '6m')
    expect(await desk.write(next, hash)).toBe(active)
    expect(await readFile(file, 'utf8')).toBe(next)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    expect((await readdir(dir)).sort()).toEqual(['linked.yaml', 'policy.yaml'])
    expect((await desk.read()).active).toBe((await desk.read()).hash)
  })

  it('what was changed elsewhere is refused with the newer text, also where two save at once', async () => {
    const desk = deskOf(file)
    const { hash } = await desk.read()
    const both = await Promise.allSettled([desk.write(`${first}# a\n`, hash), desk.write(`${first}# b\n`, hash)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'policy-changed', details: { text: `${first}# a\n` } } })
    expect(await readFile(file, 'utf8')).toBe(`${first}# a\n`)
  })

  it('an invalid text is refused with its lines, and the same text has nothing to change', async () => {
    const desk = deskOf(file)
    const { hash } = await desk.read()
    await expect(desk.write('definitionz: []\n', hash)).rejects.toMatchObject({
      code: 'policy-invalid',
      details: { problems: [{ line: 1 }] },
    })
    await expect(desk.write(first, hash)).rejects.toMatchObject({ code: 'nothing-to-change' })
    expect(await readFile(file, 'utf8')).toBe(first)
  })

  it('a file that is refused is shown with what is wrong, beside what is active', async () => {
    await writeFile(file, 'reopen_within: soon\n')
    active = 'older'
    const { problems, hash, active: shown } = await deskOf(file).read()
    expect(problems).toMatchObject([{ line: 1, path: 'reopen_within' }])
    expect(shown).toBe('older')
    expect(hash).not.toBe('older')
  })

  it('a file that is gone is said so', async () => {
    await rm(file)
    await expect(deskOf(file).read()).rejects.toMatchObject({ code: 'policy-invalid' })
  })
})

describe('PE2: what cannot be written is offered', () => {
  it('without a file: the whole text', async () => {
    const desk = deskOf(null)
    const { text, hash, place, writable } = await desk.read()
    expect({ text, place, writable }).toEqual({ text: builtInText, place: 'built-in', writable: false })
    await expect(desk.write(first, hash)).rejects.toMatchObject({
      code: 'policy-unwritable',
      details: { patch: first, whole: true, file: null },
    })
  })

  it('a file that may only be read: a patch', async () => {
    const desk = makePolicyDesk({ check, file: '/proc/version', activeHash: () => '', activate: async () => undefined })
    const { hash } = await desk.read()
    // Root is told that it may, and finds out that it cannot.
    await expect(desk.write(first, hash)).rejects.toMatchObject({
      code: 'policy-unwritable',
      details: { whole: false, patch: expect.stringContaining('+reopen_within: 5m\n') },
    })
  })
})

it('a text is checked as the file would be', async () => {
  const desk = deskOf(file)
  expect(await desk.check(first)).toMatchObject({ ok: true, problems: [] })
  expect(await desk.check('a: [')).toMatchObject({ ok: false, hash: null, problems: [{ line: 1 }] })
})
