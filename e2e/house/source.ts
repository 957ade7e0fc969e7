import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { type ESTree, parseSync, Visitor } from 'vite'

/** One file of the tree as the house rules see it. Paths are relative to the checkout, with forward slashes. */
export interface Source {
  path: string
  text: string
  imports: Import[]
  /** Calls and readings by their written name: `Date.now`, `new Date()`, `process.env`, `it.only`, … */
  uses: Use[]
}

export interface Import {
  line: number
  /** As written: `#shared/event.ts`, `./x.ts`, `zod`. */
  specifier: string
  /** The path in the checkout, or null for a package or a part of Node. */
  file: string | null
  /** The values (not types) brought in; `*` for all of them or for the effect, as by `import()` and `import 'x'`. */
  values: string[]
}

export interface Use {
  line: number
  name: string
}

export interface House {
  sources: Source[]
  /** Every file, also those that are no program. */
  paths: string[]
  /** The packages that are installed where the server runs, without those for building and testing. */
  dependencies: string[]
}

const isSource = (path: string): boolean => /\.(ts|tsx|mts|mjs|js|css)$/.test(path)

/** The house from a table of path → text: the real one, and those that the self-tests make up. */
export function houseOf(files: Record<string, string>): House {
  const paths = Object.keys(files).sort()
  const manifest = JSON.parse(files['package.json'] || '{}') as { dependencies?: Record<string, string> }
  const dependencies = Object.keys(manifest.dependencies ?? {})
  return { paths, dependencies, sources: paths.filter(isSource).map((path) => readSource(path, files[path] ?? '')) }
}

/** What is not ours to judge: made by tools, or somebody's data. */
const notOurs = new Set(['node_modules', 'dist', 'data', 'coverage', 'test-results', '.git'])

export async function readHouse(root: string): Promise<House> {
  const files: Record<string, string> = {}
  async function walk(folder: string): Promise<void> {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      const isTop = folder === ''
      if (notOurs.has(entry.name) && (isTop || entry.name !== 'data')) continue
      if (entry.name.startsWith('.dist-') || entry.name.startsWith('.prepare.lock')) continue
      if (entry.isDirectory()) await walk(path)
      else files[path] = isSource(path) || path === 'package.json' ? await readFile(join(root, path), 'utf8') : ''
    }
  }
  await walk('')
  return houseOf(files)
}

function readSource(path: string, text: string): Source {
  if (path.endsWith('.css')) return { path, text, imports: [], uses: [] }
  const { program, module, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const lineAt = lineCounter(text)
  const imports: Import[] = []
  const add = (specifier: string, start: number, values: string[]): void => {
    imports.push({ line: lineAt(start), specifier, file: resolveSpecifier(path, specifier), values })
  }

  for (const found of module.staticImports) {
    const values = found.entries.filter((entry) => !entry.isType)
    const names = values.map(({ importName }) => (importName.kind === 'Name' ? (importName.name ?? '*') : '*'))
    add(found.moduleRequest.value, found.start, found.entries.length === 0 ? ['*'] : names)
  }
  for (const found of module.staticExports) {
    for (const entry of found.entries) {
      if (!entry.moduleRequest) continue
      const name = entry.importName.kind === 'Name' ? (entry.importName.name ?? '*') : '*'
      add(entry.moduleRequest.value, entry.start, entry.isType ? [] : [name])
    }
  }
  for (const found of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]*)\1$/.exec(text.slice(found.moduleRequest.start, found.moduleRequest.end))
    if (literal) add(literal[2] ?? '', found.start, ['*'])
  }
  return { path, text, imports, uses: usesIn(program, lineAt) }
}

function usesIn(program: ESTree.Program, lineAt: (offset: number) => number): Use[] {
  const uses: Use[] = []
  const use = (node: { start: number }, name: string | null): void => {
    if (name) uses.push({ line: lineAt(node.start), name })
  }
  new Visitor({
    CallExpression(node) {
      const name = nameOf(node.callee)
      use(node, name && `${name}()`)
      // A date of no argument is now, with or without `new`.
      if (name === 'Date') use(node, 'new Date()')
    },
    NewExpression(node) {
      const name = nameOf(node.callee)
      if (name && node.arguments.length === 0) use(node, `new ${name}()`)
    },
    MemberExpression(node) {
      use(node, nameOf(node))
    },
  }).visit(program)
  return uses
}

/** `a.b.c` as written, also through calls (`it.each(x).only`), or null where it starts with anything but a name. */
function nameOf(node: ESTree.Expression | ESTree.Super | ESTree.PrivateIdentifier): string | null {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'ChainExpression') return nameOf(node.expression)
  if (node.type === 'CallExpression') return nameOf(node.callee)
  if (node.type !== 'MemberExpression') return null
  const object = nameOf(node.object)
  if (object === null) return null
  if (!node.computed) return node.property.type === 'Identifier' ? `${object}.${node.property.name}` : null
  return node.property.type === 'Literal' ? `${object}.${String(node.property.value)}` : null
}

function resolveSpecifier(from: string, specifier: string): string | null {
  const alias = /^#(shared|server|client)\/(.*)$/.exec(specifier)
  if (alias) return posix.normalize(`${alias[1]}/${alias[2]}`)
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier.split('?')[0] ?? '')
  return null
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let line = 0
    while (line + 1 < starts.length && (starts[line + 1] ?? 0) <= offset) line++
    return line + 1
  }
}

export const folderOf = (path: string): string => (dirname(path) === '.' ? '' : dirname(path))
