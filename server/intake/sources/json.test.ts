import { expect, test } from 'vitest'
import { readJson } from './json.ts'

test.each([
  '{"email": ana@example.org}',
  'ana@example.org',
  `{"long": "${'x'.repeat(60)}", "e": ana@example.org, "f": 1}`,
  '{"e": "ana@example.org" x}',
  '["ana@example.org",]',
])('F9 a body that is no JSON is refused without being quoted: %s', (body) => {
  const read = readJson(Buffer.from(body))
  expect(read).toMatchObject({ reason: expect.stringMatching(/^the body is no JSON: (Unexpected|Expected)/) })
  expect(JSON.stringify(read)).not.toContain('ana@')
  expect(JSON.stringify(read)).not.toContain('example')
})
