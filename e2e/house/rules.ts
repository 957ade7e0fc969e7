import { posix } from 'node:path'
import { folderOf, type House, type Import, type Source } from './source.ts'

/** A rule of the house: what holds, why, and where it does not. */
export interface Rule {
  id: string
  says: string
  why: string
  /** @returns one line for each place that breaks the rule, beginning with `path:line` */
  broken(house: House): string[]
}

/** Tests, and the fixtures beside them: they build what they need, and nothing that runs may import them. */
const isTest = (path: string): boolean => /\.(test|fixture)\.tsx?$/.test(path)
const isConfig = (path: string): boolean => /\.config\.ts$/.test(path)
const topOf = (path: string): string => path.split('/')[0] ?? ''
const isUnder = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

/** The room of a server file: the folder under `server`, or null for what lies in `server` itself or elsewhere. */
function roomOf(path: string): string | null {
  const [top, room, ...rest] = path.split('/')
  return top === 'server' && room !== undefined && rest.length > 0 ? room : null
}

/** Where the parts are built and handed to each other; these may reach into every room. */
const wires = (path: string): boolean =>
  path === 'server/main.ts' || ['start', 'ops'].includes(roomOf(path) ?? '') || isTest(path) || isUnder(path, 'e2e')

const testTools = new Set(['vitest', 'fast-check'])
/** A test, or what only tests use: a contract suite, generators of random cases. It gives itself away by its imports. */
const isForTests = ({ path, imports }: Source): boolean =>
  isTest(path) || imports.some(({ specifier }) => testTools.has(specifier))
const isNode = (specifier: string): boolean => specifier.startsWith('node:')
const isPackage = (specifier: string, name: string): boolean =>
  specifier === name || specifier.startsWith(`${name}/`) || specifier === `node:${name}`

function eachImport(house: House, complain: (source: Source, found: Import) => string | null): string[] {
  return house.sources.flatMap((source) =>
    source.imports.flatMap((found) => {
      const complaint = complain(source, found)
      return complaint === null ? [] : [`${source.path}:${found.line} ${complaint}`]
    }),
  )
}

/** Clock, chance, and the world outside, by the names they are reached by. */
const impure =
  /^(Date\.now|new Date\(\)|performance\.\w+|Math\.random|crypto\.\w+|(setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame|fetch)\(\)|process\.\w+|console\.\w+|Intl\.DateTimeFormat\(\)\.format|localStorage\.\w+|globalThis\.\w+|Temporal\.Now.*)$/

const vagueName = /(^|[-_.])(utils?|helpers?|common|misc)([-_.]|$)|[a-z](Utils?|Helpers?)(\.|$)/

const longestFile = 400
const widestFolder = 14

/** Folders that are wider for a reason. Each says why; a folder without a reason is to be divided. */
export const wideFolders: Record<string, string> = {
  shared: 'The vocabulary of both sides: a file or folder for each word of the domain.',
  server: 'One folder for each room, with what reads the environment and what wires them.',
  'shared/incident':
    'One file for each thing that people do with an incident, around its state, facts, decide and evolve.',
  'client/views': 'One folder for each screen.',
  'server/intake/sources': 'One file for each kind of sender: a new kind is a file here and a line in the list.',
  'server/doors/routes': 'One file for each part of the API: a new part is a file here and a line in the list.',
  'server/intake/fixtures': 'Bodies as senders sent them, some for each kind.',
}

const topLevel = new Set([
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE', 'Dockerfile', 'compose.yaml'],
  ...['client', 'server', 'shared', 'e2e'],
])

const skipping = /^(describe|it|test|suite|bench|expect|context|ctx|task|t)\b.*\.(only|skip|skipIf|runIf|todo|fails)$/
const skippingCalls = new Set(['skip()', 'xit()', 'fit()', 'xdescribe()', 'fdescribe()', 'xtest()'])
/** The one place that may skip, because it asks for a reason. */
const skipHelper = 'e2e/run/needs.ts'

export const rules: Rule[] = [
  {
    id: 'H1',
    says: 'shared imports zod, re2js (the regular expressions of rules) and shared, nothing else',
    why: 'The vocabulary runs unchanged in the server, in the browser and in tests.',
    broken: (house) =>
      eachImport(house, (source, { specifier, file }) => {
        if (topOf(source.path) !== 'shared') return null
        if (file !== null) return topOf(file) === 'shared' ? null : `imports ${specifier} from outside shared`
        if (['zod', 're2js'].some((name) => isPackage(specifier, name)) || testTools.has(specifier)) return null
        return `imports ${specifier}; shared may import zod and re2js only`
      }),
  },
  {
    id: 'H2',
    says: 'client imports shared and packages, never server or Node; server never imports client; e2e only by e2e',
    why: 'The browser must be buildable without the server, and the server without the browser.',
    broken: (house) =>
      eachImport(house, (source, { specifier, file }) => {
        const from = topOf(source.path)
        const to = file === null ? null : topOf(file)
        if (from === 'client' && to === 'server') return `imports ${specifier}; the client never imports the server`
        if (from === 'client' && isNode(specifier) && !isConfig(source.path) && !isTest(source.path)) {
          return `imports ${specifier}, which no browser has`
        }
        if (from === 'server' && to === 'client') return `imports ${specifier}; the server never imports the client`
        if (from !== 'e2e' && to === 'e2e' && !isTest(source.path)) return `imports ${specifier}, which is for tests`
        return null
      }),
  },
  {
    id: 'H3',
    says: "a server room imports from another room only its index.ts or port.ts, and nobody's main.ts",
    why: 'A room can be rebuilt inside without anyone outside noticing.',
    broken: (house) =>
      eachImport(house, (source, { specifier, file }) => {
        if (topOf(source.path) !== 'server' || file === null || wires(source.path)) return null
        if (file === 'server/main.ts') return `imports ${specifier}; only start, ops and tests start the server`
        const room = roomOf(file)
        if (room === null || room === roomOf(source.path)) return null
        if (['index.ts', 'port.ts'].includes(file.split('/').slice(2).join('/'))) return null
        return `imports ${specifier}; of the room ${room} only index.ts and port.ts may be imported`
      }),
  },
  {
    id: 'H4',
    says: 'only server/store imports a database',
    why: 'One room knows SQL, so that another database is one more folder there.',
    broken: (house) =>
      eachImport(house, (source, { specifier }) => {
        if (isUnder(source.path, 'server/store') || isUnder(source.path, 'e2e')) return null
        const database = ['sqlite', 'kysely', 'pg', 'postgres', 'better-sqlite3'].find((name) =>
          isPackage(specifier, name),
        )
        return database ? `imports ${specifier}; only server/store may` : null
      }),
  },
  {
    id: 'H5',
    says: 'shared and server/filter know no clock, no chance and no outside world',
    why: 'The same input gives the same outcome: today, in a replay of last week, and in the browser.',
    broken: (house) =>
      house.sources
        .filter(({ path }) => (topOf(path) === 'shared' || isUnder(path, 'server/filter')) && !isTest(path))
        .flatMap(({ path, uses, imports }) => [
          ...uses
            .filter(({ name }) => impure.test(name))
            .map(({ line, name }) => `${path}:${line} uses ${name}; have it handed in`),
          ...imports
            .filter(({ specifier }) => isNode(specifier))
            .map(({ line, specifier }) => `${path}:${line} imports ${specifier}; have what it does handed in`),
        ]),
  },
  {
    id: 'H6',
    says: 'nothing is called utils, helpers, common or misc',
    why: 'Such a name says what a thing is not: part of any concept.',
    broken: (house) => [
      ...new Set(
        house.paths
          .filter((path) => ['client', 'server', 'shared', 'e2e'].includes(topOf(path)))
          .flatMap((path) =>
            path.split('/').map((name, depth, all) => ({ name, at: all.slice(0, depth + 1).join('/') })),
          )
          .filter(({ name }) => vagueName.test(name))
          .map(({ at }) => `${at}:1 has a name that says nothing; name it after its concept`),
      ),
    ],
  },
  {
    id: 'H7',
    says: `a file has at most ${longestFile} lines, or says at its top why it is longer`,
    why: 'A file is read whole. The reason is a comment in its first ten lines: `// long because: …`.',
    broken: (house) =>
      house.sources.flatMap(({ path, text }) => {
        const lines = text.replace(/\n$/, '').split('\n')
        const reason = lines.slice(0, 10).some((line) => /(\/\/|\*) ?long because: \S+/.test(line))
        return lines.length <= longestFile || reason ? [] : [`${path}:${longestFile + 1} has ${lines.length} lines`]
      }),
  },
  {
    id: 'H8',
    says: `a folder has at most ${widestFolder} entries, tests not counted, or its reason is in wideFolders`,
    why: 'A folder is a concept that can be taken in at a look.',
    broken: (house) => {
      const entries = new Map<string, Set<string>>()
      for (const path of house.paths) {
        if (isTest(path) || !['client', 'server', 'shared', 'e2e'].includes(topOf(path))) continue
        for (let at = path; folderOf(at) !== ''; at = folderOf(at)) {
          const folder = folderOf(at)
          entries.set(folder, (entries.get(folder) ?? new Set()).add(posix.basename(at)))
        }
      }
      return [...entries]
        .filter(([folder, names]) => names.size > widestFolder && !wideFolders[folder])
        .map(([folder, names]) => `${folder}:1 has ${names.size} entries`)
    },
  },
  {
    id: 'H9',
    says: 'no test is skipped or singled out, but through describeUnless, which asks for a reason',
    why: 'A test that does not run proves nothing and looks as if it did.',
    broken: (house) =>
      house.sources
        .filter(({ path }) => (isTest(path) || isUnder(path, 'e2e')) && path !== skipHelper)
        .flatMap(({ path, uses }) =>
          uses
            .filter(({ name }) => skipping.test(name) || skippingCalls.has(name))
            .map(({ line, name }) => `${path}:${line} uses ${name}; use describeUnless of ${skipHelper}`),
        ),
  },
  {
    id: 'H10',
    says: 'the top of the tree holds the four folders, the files that tools look for there, and dotfiles',
    why: 'Who opens the tree should see the data flow, not its packaging.',
    broken: (house) =>
      [...new Set(house.paths.map(topOf))]
        .filter((name) => !topLevel.has(name) && !name.startsWith('.'))
        .map((name) => `${name}:1 does not belong at the top; put it in the folder of its concept`),
  },
  {
    id: 'H11',
    says: 'a relative import stays in its top folder; across them it is #shared/…, #server/… or #client/…',
    why: 'The direction of an import can be read from the import.',
    broken: (house) =>
      eachImport(house, (source, { specifier, file }) =>
        specifier.startsWith('.') && file !== null && topOf(file) !== topOf(source.path)
          ? `imports ${specifier}; write #${file}`
          : null,
      ),
  },
  {
    id: 'H12',
    says: 'what is made (makeX, openX) is made in main, start, ops and tests, and handed to the rooms',
    why: 'Wiring is in one place, so every part can be had with a fake clock or an empty journal.',
    broken: (house) =>
      eachImport(house, (source, { file, values }) => {
        if (topOf(source.path) !== 'server' || file === null || wires(source.path)) return null
        if (roomOf(file) === null || roomOf(file) === roomOf(source.path)) return null
        const maker = values.find((name) => /^(make|open)[A-Z]/.test(name))
        return maker ? `imports ${maker}; have what it makes handed in` : null
      }),
  },
  {
    id: 'H13',
    says: 'the environment is read by config, main, start and ops only',
    why: 'Every setting is validated once, at the start, and can be found in one place.',
    broken: (house) =>
      house.sources
        .filter(({ path }) => ['server', 'client', 'shared'].includes(topOf(path)))
        .filter(({ path }) => !wires(path) && path !== 'server/config.ts' && !isConfig(path))
        .flatMap(({ path, uses }) =>
          uses
            .filter(({ name }) => /^process\.env(\.|$)/.test(name))
            .slice(0, 1)
            .map(({ line }) => `${path}:${line} reads process.env; take the setting as an argument`),
        ),
  },
  {
    id: 'H14',
    says: 'what runs is made of dependencies alone: no package for building and testing, no file for tests',
    why: 'An image has no devDependencies; a missing one would be found by its users. Start builds, so it may.',
    broken: (house) => {
      const forTests = new Set(house.sources.filter(isForTests).map(({ path }) => path))
      return eachImport(house, (source, { specifier, file, values }) => {
        const runs = ['server', 'shared'].includes(topOf(source.path)) && roomOf(source.path) !== 'start'
        if (!runs || forTests.has(source.path) || values.length === 0) return null
        if (file !== null) return forTests.has(file) ? `imports ${specifier}, which is for tests` : null
        if (isNode(specifier) || house.dependencies.some((name) => isPackage(specifier, name))) return null
        return `imports ${specifier}, which is not among the dependencies of package.json`
      })
    },
  },
]
