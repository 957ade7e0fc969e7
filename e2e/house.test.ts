import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Rule, rules, wideFolders } from './house/rules.ts'
import { houseOf, readHouse } from './house/source.ts'

const house = await readHouse(fileURLToPath(new URL('..', import.meta.url)))

describe('the house', () => {
  for (const rule of rules) {
    it(`${rule.id}: ${rule.says}`, () => {
      expect(rule.broken(house), rule.why).toEqual([])
    })
  }

  it('is really read: its files are found, and no wide folder is excused that is gone', () => {
    expect(house.sources.map((source) => source.path)).toContain('e2e/house.test.ts')
    expect(house.sources.some((source) => source.path.startsWith('shared/'))).toBe(true)
    for (const folder of Object.keys(wideFolders)) {
      expect(house.paths.some((path) => path.startsWith(`${folder}/`))).toBe(true)
    }
  })
})

/** For each rule, files that break it (each must be found) and files that only look as if they did. */
const trials: Record<string, { bad: Record<string, string>; good: Record<string, string> }> = {
  H1: {
    bad: {
      'shared/a.ts': "import { readFile } from 'node:fs'",
      'shared/b.ts': "import type { Server } from '#server/store/port.ts'",
      'shared/c.ts': "export * from 'express'",
      'shared/d.ts': "const late = await import('yaml')",
    },
    good: {
      'shared/f.ts': "import { z } from 'zod'\nimport { a } from './a.ts'\nimport type { b } from '#shared/b.ts'",
      'shared/f.test.ts': "import fc from 'fast-check'\nimport { it } from 'vitest'",
      'shared/g.ts': "// import x from 'node:fs'\nexport const text = \"import y from 'express'\"",
    },
  },
  H2: {
    bad: {
      'client/a.ts': "import { main } from '#server/main.ts'",
      'client/b.ts': "import { join } from 'node:path'",
      'client/c.ts': "import type { Port } from '../server/store/port.ts'",
      'server/tell/d.ts': "import { Board } from '../../client/views/board.tsx'",
      'server/tell/e.ts': "import { launchBrowser } from '../../e2e/run/machine.ts'",
    },
    good: {
      'client/f.tsx': "import { useState } from 'react'\nimport { Incident } from '#shared/incident/state.ts'",
      'client/vite.config.ts': "import { join } from 'node:path'",
      'e2e/a.test.ts': "import { launchBrowser } from './run/machine.ts'",
    },
  },
  H3: {
    bad: {
      'server/filter/a.ts': "import { rows } from '#server/store/sqlite/rows.ts'",
      'server/filter/b.ts': "import type { Row } from '../store/rows.ts'",
      'server/filter/c.ts': "import { x } from '#server/store/inner/index.ts'",
      'server/intake/d.ts': "import { main } from '#server/main.ts'",
      'server/config.ts': "import { x } from './store/rows.ts'",
    },
    good: {
      'server/filter/e.ts': "import type { Journal } from '#server/store/port.ts'\nimport { x } from './deep/own.ts'",
      'server/filter/f.ts': "import { command } from '#server/command/index.ts'\nimport { c } from '#server/config.ts'",
      'server/filter/g.test.ts': "import { openMemory } from '#server/store/memory.ts'",
      'server/main.ts': "import { openSqlite } from './store/sqlite/open.ts'",
      'server/start/serve.ts': "import { main } from '#server/main.ts'",
    },
  },
  H4: {
    bad: {
      'server/picture/a.ts': "import { sql } from 'kysely'",
      'server/ops/b.ts': "import { DatabaseSync } from 'node:sqlite'",
      'server/main.ts': "import { Pool } from 'pg'",
    },
    good: {
      'server/store/sqlite/c.ts': "import { DatabaseSync } from 'node:sqlite'\nimport { sql } from 'kysely'",
      'e2e/tamper.test.ts': "import { DatabaseSync } from 'node:sqlite'",
    },
  },
  H5: {
    bad: {
      'shared/a.ts': 'export const now = () => Date.now()',
      'shared/b.ts': 'export const now = () => new Date().getTime()',
      'shared/c.ts': 'export const dice = () => Math.random()',
      'shared/d.ts': 'export const clock = Date.now',
      'shared/e.ts': "export const id = () => crypto['randomUUID']()",
      'server/filter/f.ts': 'setTimeout(() => {}, 1)',
      'server/filter/g.ts': "import { createHash } from 'node:crypto'",
      'server/filter/h.ts': 'export const zone = process.env.TZ',
    },
    good: {
      'shared/f.ts': '// Date.now() is handed in\nexport const at = (ms: number) => new Date(ms).toISOString()',
      'shared/f.test.ts': 'const t = Date.now()',
      'server/tell/a.ts': 'setTimeout(() => {}, 1)',
    },
  },
  H6: {
    bad: {
      'server/utils/a.ts': '',
      'client/helpers.ts': '',
      'shared/date-utils.ts': '',
      'e2e/stringHelpers.ts': '',
      'client/common/b.css': '',
      'server/misc.test.ts': '',
    },
    good: { 'shared/commonality.ts': '', 'server/filter/miscount.ts': '', 'client/utilisation.tsx': '' },
  },
  H7: {
    bad: {
      'server/a.ts': '\n'.repeat(401),
      'server/b.ts': `${'\n'.repeat(401)}// long because: said too late`,
      'server/c.ts': `// long because:\n${'\n'.repeat(401)}`,
    },
    good: {
      'server/d.ts': '\n'.repeat(400),
      'server/e.ts': `// long because: one table of all the codes\n${'\n'.repeat(500)}`,
    },
  },
  H8: {
    bad: { ...manyFiles('server/wide', 15) },
    good: { ...manyFiles('server/narrow', 14), 'server/narrow/extra.test.ts': '' },
  },
  H9: {
    bad: {
      'shared/a.test.ts': "it.only('x', () => {})",
      'server/b.test.ts': "describe.skip('x', () => {})",
      'client/c.test.tsx': "it.each([1]).skip('x', () => {})",
      'e2e/d.test.ts': "test.skipIf(true)('x', () => {})",
      'e2e/e.test.ts': "it('x', ({ skip }) => skip())",
      'e2e/f.test.ts': "it.todo('x')",
      'e2e/g.test.ts': "it('x', context => context.skip())",
    },
    good: {
      'server/h.test.ts': "const rows = cursor.skip(3)\nit('skips', () => {})",
      'e2e/run/needs.ts': "describe.skip('x', () => {})",
    },
  },
  H10: {
    bad: { 'docs/a.md': '', 'vite.config.ts': '', 'CHANGELOG.md': '' },
    good: { 'README.md': '', '.github/CONTRIBUTING.md': '', 'server/main.ts': '', 'tsconfig.json': '' },
  },
  H11: {
    bad: {
      'server/intake/a.ts': "import { event } from '../../shared/event.ts'",
      'client/b.ts': "import { event } from '../shared/event.ts'",
      'e2e/c.test.ts': "import { main } from '../server/main.ts'",
    },
    good: { 'client/views/board/d.tsx': "import { Button } from '../../widgets/button.tsx'" },
  },
  H12: {
    bad: { 'server/intake/a.ts': "import { openStore } from '#server/store/index.ts'" },
    good: {
      'server/main.ts': "import { openStore } from '#server/store/index.ts'",
      'server/intake/b.ts':
        "import { makeAdapter } from './adapter.ts'\nimport { opening } from '#server/store/index.ts'",
      'server/intake/c.ts': "import type { makeStore } from '#server/store/index.ts'",
    },
  },
  H13: {
    bad: { 'server/tell/a.ts': 'const level = process.env.LOG_LEVEL', 'client/b.ts': "const x = process.env['X']" },
    good: {
      'server/config.ts': 'export const config = process.env',
      'server/start/start.ts': 'start(process.env)',
      'server/tell/c.ts': 'export const read = (env: { env: string }) => env.env',
    },
  },
  H14: {
    bad: {
      'server/tell/a.ts': "import { build } from 'vite'",
      'server/tell/b.ts': "import 'react'",
      'server/tell/g.ts': "import { anyEvent } from '#shared/arbitrary.ts'",
    },
    good: {
      'package.json': '{ "dependencies": { "pino": "1.0.0" }, "devDependencies": { "vite": "1.0.0" } }',
      'server/tell/c.ts': "import { pino } from 'pino'\nimport type { UserConfig } from 'vite'",
      'server/tell/c.test.ts': "import { it } from 'vitest'",
      'shared/arbitrary.ts': "import fc from 'fast-check'\nexport const anyEvent = fc.string()",
      'server/start/dev.ts': "import { createServer } from 'vite'",
    },
  },
}

function manyFiles(folder: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/file${i}.ts`, '']))
}

describe('each rule can fail', () => {
  it.each(rules.map((rule): [string, Rule] => [rule.id, rule]))(
    '%s finds what breaks it, and only that',
    (id, rule) => {
      const trial = trials[id]
      expect(trial, `${id} has no trial`).toBeDefined()
      const bad = Object.keys(trial?.bad ?? {})
      // H8 judges the folder, H10 the name at the top.
      const named = id === 'H8' ? ['server/wide'] : id === 'H10' ? bad.map((path) => path.split('/')[0]) : bad
      const found = rule.broken(houseOf({ ...trial?.bad, ...trial?.good })).map((line) => line.split(':')[0])
      const culprits = id === 'H6' ? found.map((at) => bad.find((path) => path.startsWith(at ?? ' '))) : found
      expect([...new Set(culprits)].sort()).toEqual([...new Set(named)].sort())
    },
  )
})
