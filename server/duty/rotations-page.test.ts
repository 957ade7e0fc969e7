import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readPolicyText } from '../policy/index.ts'
import { at, rotaOf } from './reckoning/roster.fixture.ts'

it('the example of ROTATIONS.md is read, leaves no gap, and says what the page says', () => {
  const page = readFileSync(new URL('ROTATIONS.md', import.meta.url), 'utf8')
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const rota = rotaOf(readPolicyText(text).policy)
  expect(rota.troubles(at('2026-01-06T00:00Z'), at('2027-02-01T00:00Z')).filter(({ kind }) => kind === 'gap')).toEqual(
    [],
  )
  expect(rota.onCall('pay', at('2026-06-09T06:00Z'))).toEqual(['p_ada'])
  expect(rota.onCall('pay', at('2026-12-25T12:00Z'))).toHaveLength(1)
  expect(rota.onCall('pay', at('2026-12-25T12:00Z'))[0]).toMatch(/^p_(cleo|dan)$/)
})
