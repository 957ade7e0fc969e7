import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BoardBuildFailed, buildBoard, hashOfInputs } from './build.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'uxbridge-build-'))
  for (const folder of ['client', 'shared']) await mkdir(join(root, folder))
  await write('package-lock.json', '{}')
  await write('client/vite.config.ts', 'export default {}')
  await write('client/index.html', '<script type="module" src="./main.ts"></script>')
  await write('client/main.ts', "import { word } from '../shared/word.ts'\ndocument.title = word")
  await write('shared/word.ts', "export const word: string = 'first'")
})
afterEach(() => rm(root, { recursive: true, force: true }))

const write = (file: string, text: string): Promise<void> => writeFile(join(root, file), text)

async function builtScript(): Promise<string> {
  const assets = join(root, 'client', 'dist', 'assets')
  const [name] = await readdir(assets)
  return readFile(join(assets, name ?? ''), 'utf8')
}

describe('buildBoard', () => {
  it('builds once, and again only when a source changes', async () => {
    expect(await buildBoard(root)).toBe('built')
    expect(await builtScript()).toContain('first')
    expect(await buildBoard(root)).toBe('fresh')
    await write('shared/word.ts', "export const word: string = 'second'")
    expect(await buildBoard(root)).toBe('built')
    expect(await builtScript()).toContain('second')
    expect(await readdir(join(root, 'client'))).not.toContainEqual(expect.stringContaining('.dist-'))
  })

  it('keeps the old board when the new one cannot be built', async () => {
    await buildBoard(root)
    await write('client/main.ts', 'this is not a program')
    await expect(buildBoard(root)).rejects.toThrow(BoardBuildFailed)
    expect(await builtScript()).toContain('first')
    expect(await readdir(join(root, 'client'))).not.toContainEqual(expect.stringContaining('.dist-'))
  })

  it('survives two builds at once', async () => {
    const both = await Promise.all([buildBoard(root), buildBoard(root)])
    expect(both).toEqual(['built', 'built'])
    expect(existsSync(join(root, 'client/dist/index.html'))).toBe(true)
    expect(await buildBoard(root)).toBe('fresh')
  })

  it('serves what it was given where the sources are not', async () => {
    await rm(join(root, 'client'), { recursive: true })
    expect(await buildBoard(root)).toBe('no sources')
  })
})

describe('hashOfInputs', () => {
  it('ignores tests and what was built, and sees every other file', async () => {
    const before = await hashOfInputs(root)
    await write('shared/word.test.ts', 'x')
    await mkdir(join(root, 'client/dist'))
    await write('client/dist/index.html', 'x')
    expect(await hashOfInputs(root)).toBe(before)
    await write('client/logo.svg', '<svg/>')
    expect(await hashOfInputs(root)).not.toBe(before)
  })
})
