import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { applyMapping } from '#shared/mapping/apply.ts'
import { type PolicyProblem, readMappingText, readPolicyText } from './index.ts'

/** The examples of the page, each with its mapping, a body, and what it reads as. */
const page = readFileSync(new URL('./MAPPINGS.md', import.meta.url), 'utf8')
const examples = page
  .split(/^## /m)
  .slice(1)
  .map((section): [string, string, string, string] => {
    const blocks = [...section.matchAll(/```(?:yaml|json)\n(.*?)```/gs)].map((found) => found[1] ?? '')
    return [section.split('\n', 1)[0] ?? '', blocks[0] ?? '', blocks[1] ?? '', blocks[2] ?? '']
  })

describe('M1: the examples of the page read as it says', () => {
  it.each(examples)('%s', (_, mapping, body, expected) => {
    expect(applyMapping(readMappingText(mapping), JSON.parse(body), 0)).toMatchObject({ members: JSON.parse(expected) })
  })

  it('what the README shows can be loaded', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const shown = [...readme.matchAll(/```yaml\n((?:mappings|reports|teams):.*?)```/gs)].map((found) => found[1] ?? '')
    expect(shown).toHaveLength(3)
    for (const text of shown) expect(readPolicyText(text).text).toBe(text)
  })

  it('all of them', () => {
    expect(examples.length).toBeGreaterThanOrEqual(5)
  })
})

function problemsOf(read: () => unknown): PolicyProblem[] {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(UxbridgeError)
    return (error as UxbridgeError).details?.problems as PolicyProblem[]
  }
  throw new Error('it was accepted')
}

describe('what is wrong is found at load, with its line', () => {
  const wrong = (lines: string[]) =>
    problemsOf(() => readPolicyText(['mappings:', '  a:', ...lines.map((line) => `    ${line}`)].join('\n')))

  it.each([
    [['members: alerts', 'fields: { title: /a }'], 3, 'mappings.a.members', 'no JSON pointer'],
    [['members: /a~2', 'fields: { title: /a }'], 3, 'mappings.a.members', '~0 for ~'],
    [['fields:', '  title: Disk of {host}'], 4, 'mappings.a.fields.title', 'no JSON pointer'],
    [['fields:', '  title: Disk of {/host'], 4, 'mappings.a.fields.title', 'write {{'],
    [['fields:', '  title: { pointr: /a }'], 4, 'mappings.a.fields.title', 'there is no pointr here'],
    [['fields:', '  title: { pointer: /a, text: b }'], 4, 'mappings.a.fields.title', 'either pointer or text'],
    [['fields:', '  title: /a', '  status: { pointer: /b, map: {} }'], 5, 'mappings.a.fields.status.map', 'is empty'],
    [
      ['fields:', '  title: /a', '  status: { pointer: /b, map: { OK: well } }'],
      5,
      'mappings.a.fields.status',
      '"well"',
    ],
    [['fields:', '  title: /a', '  severity: loud'], 5, 'mappings.a.fields.severity', '"loud" is none of critical'],
    [['fields:', '  title: /a', '  kind: report'], 5, 'mappings.a.fields.kind', '"report" is none of alert'],
    [['fields: { title: /a }', 'ignore:', '  - state="ok"'], 5, 'mappings.a.ignore.0', 'no condition'],
    [['fields: { title: /a }', 'when:', '  - /state=~"("'], 5, 'mappings.a.when.0', 'no regular expression'],
    [['fields: { title: /a }', 'labels:', '  1st: /a'], 5, 'mappings.a.labels.1st', 'no name for a label'],
    [['fields: { title: /a }', 'expires_after: soon'], 4, 'mappings.a.expires_after', 'no duration'],
    [['fields: { severity: high }'], 3, 'mappings.a.fields.title', 'write a pointer'],
  ])('%j', (lines, line, path, message) => {
    expect(wrong(lines)).toContainEqual({ line, path, message: expect.stringContaining(message) })
  })
})

describe('a mapping by itself', () => {
  it('is read bare, or under its name as it would stand in the policy; as YAML or JSON', () => {
    const bare = readMappingText('fields: { title: /a }')
    expect(readMappingText('mine:\n  fields: { title: /a }')).toEqual(bare)
    expect(readMappingText('{"fields":{"title":"/a"}}')).toEqual(bare)
  })

  it.each(['', '7', 'fields: {}', 'a: { fields: { title: /a } }\nb: { fields: { title: /a } }'])(
    '%j is none',
    (text) => {
      expect(problemsOf(() => readMappingText(text)).length).toBeGreaterThan(0)
    },
  )
})
