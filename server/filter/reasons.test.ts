import fc from 'fast-check'
import { expect, test } from 'vitest'
import { policySchema } from '#shared/policy.ts'
import { eventOf, Story } from './story.fixture.ts'

const policy = policySchema.parse({
  definitions: [{ name: 'seen', match: ['owner_email!=""', 'severity!=""'], as: 'triage' }],
  correlate: [{ name: 'same owner', by: ['owner_email', 'service'] }],
})

test('F9 a reason names labels and never holds a value that the sender chose', () => {
  const story = new Story(policy)
  const labels = { alertname: 'Down', owner_email: 'ana@example.org', service: 'shop of Ana' }
  const { decisions } = story.send(0, [
    eventOf(labels, { title: 'for ana@example.org' }),
    eventOf({ ...labels, alertname: 'Other' }),
  ])
  expect(decisions.map(({ reason }) => reason)).toEqual([
    "definition 'seen' matched ⟦owner_email⟧, severity=\"critical\"; opened INC-1001: no open incident for rule 'same owner' (⟦owner_email⟧, ⟦service⟧)",
    "definition 'seen' matched ⟦owner_email⟧, severity=\"critical\"; joined INC-1001 by rule 'same owner' (⟦owner_email⟧, ⟦service⟧), 0 s after its last alert",
  ])
})

test('F9 whatever the labels say, no reason repeats it', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 9, maxLength: 40 }).map((text) => `@${text}@`),
      (value) => {
        const { decisions } = new Story(policy).send(0, [
          eventOf({ alertname: 'A', owner_email: value, service: value }),
        ])
        for (const { reason } of decisions) expect(reason).not.toContain(value)
      },
    ),
  )
})
