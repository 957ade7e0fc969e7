import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, isItsLabels } from '#shared/alert.ts'
import { builtInPolicy, type PolicyInput, policySchema } from '#shared/policy.ts'
import { finders } from '../redaction/finders.ts'
import { eventOf, outcomesOf, Story } from '../story.fixture.ts'

const secretKey = `ghp_${'a1B2'.repeat(9)}`
const wordy = {
  title: 'Login of bob.smith@example.com failed',
  description: `curl -H "Authorization: Bearer abc123.def" with ${secretKey}; card 4111 1111 1111 1111`,
  annotations: { summary: 'mail ops+eu@mail.example.org', runbook: 'https://x.example/a@2x' },
  links: [{ href: 'https://x.example/?user=bob@example.com', text: 'Mailbox of bob@example.com' }],
}
const withRules = (...redact: NonNullable<NonNullable<PolicyInput['filters']>['redact']>) =>
  policySchema.parse({ filters: { redact } })

describe('redact', () => {
  it('R1: masks e-mail addresses, keys and card numbers in free text, and nothing in labels', () => {
    const story = new Story()
    const labels = { alertname: 'Login', user: 'bob.smith@example.com' }
    const folded = story.fire(0, labels, wordy)
    expect(folded.effects).toEqual([
      expect.objectContaining({
        title: 'Login of [e-mail] failed',
        description: 'curl -H "Authorization: Bearer [secret]" with [secret]; card [card number]',
      }),
    ])
    expect(story.alert('Login of [e-mail] failed')).toMatchObject({
      labels,
      annotations: { summary: 'mail [e-mail]', runbook: 'https://x.example/a@2x' },
      links: [{ href: 'https://x.example/?user=bob@example.com', text: 'Mailbox of [e-mail]' }],
    })
  })

  it('R2: a label becomes a token, the same for the same value; alerts stay apart, and a silence of the token matches', () => {
    const story = new Story(withRules({ name: 'people', kind: 'email', labels: ['user', 'service'] }))
    const of = (user: string) => ({ alertname: 'Login', user })
    story.fire(0, of('a@x.example'), { title: 'A', groupKey: '{user="a@x.example"}' })
    story.fire(0, of('b@x.example'), { title: 'B' })
    story.fire(0, { alertname: 'Quota', user: 'a@x.example' }, { title: 'C' })
    const changed = story.changed().map(({ alert }) => alert)
    const token = (title: string) => changed.find((alert) => alert.title === title)?.labels.user
    expect(token('A')).toMatch(/^masked_[0-9a-f]{16}$/)
    expect(token('A')).toBe(token('C'))
    expect(token('B')).not.toBe(token('A'))
    expect(new Set(changed.map(({ id }) => id)).size).toBe(3)
    expect(JSON.stringify(changed.map(({ key: _, ...rest }) => rest))).not.toContain('@')
    expect(story.fire(1, of('a@x.example'), { title: 'A' }).counts).toEqual({ repeated: 1 })
    const matchers = [{ name: 'user', op: '=' as const, value: token('B') ?? '' }]
    story.silence(2, { id: 's', matchers, from: 2, to: 9 })
    story.resolve(3, of('b@x.example'), { title: 'B' })
    expect(story.fire(4, of('b@x.example'), { title: 'B' }).counts).toEqual({ silenced: 1 })
  })

  it('R2: key and fingerprint are those of what was sent, and an alert that is its labels stays one', () => {
    const story = new Story(withRules({ name: 'people', kind: 'email', labels: ['user'] }))
    const labels = { alertname: 'Login', user: 'a@x.example' }
    const dedupKey = '9:alertname5:Login4:user11:a@x.example'
    story.fire(0, labels, { family: 'alertmanager', dedupKey })
    const alert = story.alert('Login')
    expect(alert.key).toBe(`scope\n${dedupKey}`)
    expect(alert.fingerprint).toBe(fingerprint(labels))
    expect(alert.labels.user).toMatch(/^masked_/)
    expect(isItsLabels(alert.key, alert.labels)).toBe(true)
    expect(isItsLabels(alert.key, { ...alert.labels, more: 'x' })).toBe(false)
    expect(isItsLabels(alert.key, { ...alert.labels, alertname: 'Other' })).toBe(false)
  })

  it('R3: a repeat keeps what the alert holds; other words are masked like the first', () => {
    const story = new Story()
    const said = { title: 'A', description: 'plain', annotations: { summary: 'words' } }
    story.fire(0, { alertname: 'A' }, said)
    const alert = story.alert('A')
    const before = alert.annotations
    story.fire(1, { alertname: 'A' }, structuredClone(said))
    expect(alert.annotations).toBe(before)
    story.fire(2, { alertname: 'A' }, { ...said, description: 'now of c@d.example', annotations: {} })
    expect(alert).toMatchObject({ description: 'now of [e-mail]', annotations: {} })
  })

  it('R4: masks notes, and an amendment keeps what was masked', () => {
    const story = new Story()
    story.fire(0, { alertname: 'A' }, { ...wordy, title: 'A' })
    story.fire(
      1,
      { alertname: 'A' },
      { amends: ['description'], note: 'asked x@y.example', title: '', description: 'z' },
    )
    expect(story.alert('A')).toMatchObject({
      title: 'A',
      description: 'z',
      annotations: { summary: 'mail [e-mail]' },
      notes: [{ text: 'asked [e-mail]' }],
    })
  })

  it('R5: rules that change mask what is held already; what they do not mask any more comes with the next word', () => {
    const story = new Story(withRules())
    const said = { title: 'A', description: 'host 10.2.3.4 order K-77', family: 'alertmanager' as const }
    story.fire(0, { alertname: 'A', host: '10.2.3.4' }, said)
    expect(story.alert('A').description).toBe(said.description)
    const rules = [
      { name: 'hosts', kind: 'ip' as const, labels: ['host'], replace: '$1' },
      { name: 'orders', pattern: 'K-[0-9]+' },
    ]
    story.policy(1, withRules(...rules))
    const masked = story.alert('A')
    expect(masked.description).toBe('host $1 order [orders]')
    expect(masked.labels.host).toMatch(/^masked_/)
    expect(masked.fingerprint).toBe(fingerprint({ alertname: 'A', host: '10.2.3.4' }))
    story.policy(2, withRules())
    expect(story.fire(3, { alertname: 'A', host: '10.2.3.4' }, said).counts).toEqual({ repeated: 1 })
    expect(masked).toMatchObject({ description: said.description, labels: { host: '10.2.3.4' } })
    expect(masked).not.toHaveProperty('fingerprint')
  })

  it('whoever reports says how to be reached, and keeps no password by it', () => {
    const story = new Story()
    story.fire(
      0,
      { kind: 'report' },
      { kind: 'report', title: 'Slow', description: 'Contact: a@b.example password=hunter22' },
    )
    expect(story.alert('Slow').description).toBe('Contact: a@b.example password=[secret]')
  })

  it('R4: outcomes are the same whatever is masked', () => {
    const texts = fc.constantFrom('plain', 'a@b.example', `key ${secretKey}`, '4111111111111111')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(texts, texts, fc.constantFrom('firing', 'resolved')), { maxLength: 20 }),
        (plan) => {
          const all = [withRules(), builtInPolicy, withRules({ name: 'all', pattern: '.+', labels: ['user'] })].map(
            (policy) => {
              const story = new Story(policy)
              return plan.map(([user, description, status], minute) =>
                outcomesOf(
                  story.send(minute, [eventOf({ user }, { title: 'T', description, status: status as 'firing' })]),
                ),
              )
            },
          )
          expect(all[1]).toEqual(all[0])
          expect(all[2]).toEqual(all[0])
        },
      ),
    )
  })
})

describe('what is found', () => {
  it.each([
    ['email', 'a.b+c@d-e.example.org, x@y and @z.org', '[], x@y and @z.org'],
    ['email', 'image@sha256:abc foo@1.2.3', 'image@sha256:abc foo@1.2.3'],
    ['ip', 'from 10.0.0.1:80 at 10:20:30, v1.2.3.4.5, 256.1.1.1', 'from []:80 at 10:20:30, v1.2.3.4.5, 256.1.1.1'],
    ['ip', 'fe80::1 2001:db8:0:0:0:0:0:1 ::ffff:10.0.0.1 a::b::c dead:beef', '[] [] ::ffff:[] a::b::c dead:beef'],
    ['card', '4111-1111-1111-1111 5500000000000004 340000000000009', '[] [] []'],
    [
      'card',
      '4111111111111112 1767225600000 1767225600000000000 0.4111111111111111',
      '4111111111111112 1767225600000 1767225600000000000 0.4111111111111111',
    ],
    ['secret', `AKIAABCDEFGHIJKLMNOP uxs_${'a'.repeat(30)} xoxb-1234567890-abcdefghij`, '[] [] []'],
    ['secret', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[]'],
    ['secret', 'postgres://app:s3cr3t@db/x?password=abcdef&b=1', 'postgres://app:[]@db/x?password=[]&b=1'],
    ['secret', 'authorization: basic dXNlcjpwYXNz\nnext', 'authorization: basic []\nnext'],
    ['secret', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- after', '[] after'],
    [
      'secret',
      'the bearer certificate expired; token rotation; password policy',
      'the bearer certificate expired; token rotation; password policy',
    ],
  ] as const)('%s: %s', (kind, text, masked) => {
    expect(finders[kind](text, '[]')).toBe(masked)
    expect(finders[kind](masked, '[]')).toBe(masked)
  })

  it('R6: no text takes longer than in proportion to its length', () => {
    const pieces = [
      'a',
      '@',
      'a@',
      'a.',
      'eyJ',
      'eyJaaaaaaaa.',
      '1-',
      '1 ',
      '1.',
      ':',
      'a:',
      '://',
      '://a:',
      '-----BEGIN PRIVATE KEY-----',
      'bearer a',
      'authorization:',
      'ghp_',
      'xoxb-',
      'password=',
    ]
    const looksAt = (text: string) => {
      for (const find of Object.values(finders)) find(text, '[]')
    }
    for (const piece of pieces) {
      const began = process.cpuUsage()
      looksAt(piece.repeat(Math.ceil(200_000 / piece.length)))
      // In proportion: some milliseconds. With backtracking over all of it: minutes.
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000)
    }
  })
})

describe('filters.redact in a policy', () => {
  const faults = (redact: unknown) => {
    const read = policySchema.safeParse({ filters: { redact } })
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }

  it('says what is wrong, and where', () => {
    expect(faults([{ name: 'a', pattern: '(' }])[0]).toMatch(
      /^filters.redact.0.pattern: "\(" is no regular expression: missing closing/,
    )
    expect(faults([{ name: 'a', pattern: 'x*' }])).toEqual([
      'filters.redact.0.pattern: "x*" matches the empty text; say what must be there',
    ])
    expect(faults([{ name: 'a' }])).toEqual(['filters.redact.0: say either kind or pattern'])
    expect(faults([{ name: 'a', kind: 'ip', pattern: 'x' }])).toEqual(['filters.redact.0: say either kind or pattern'])
    expect(
      faults([
        { name: 'a', kind: 'ip' },
        { name: 'a', kind: 'email' },
      ]),
    ).toEqual(['filters.redact.1.name: "a" is there twice'])
    expect(faults([])).toEqual([])
  })
})
