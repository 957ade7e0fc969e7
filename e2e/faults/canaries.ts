import { invite } from '#server/demo/people.ts'
import type { PersonRole } from '#shared/access.ts'
import { critical, raise } from '../world/events.ts'
import { type House, type Player, setUpHouse, testPassword } from '../world/house.ts'
import type { Server } from '../world/server.ts'
import { until } from '../world/until.ts'

/** Every word that stands in what is restricted, and in nothing else. */
export const canary = /canary\w*/gi
const ordinary = 'Ordinary'

/** A house that keeps secrets, and what of it nobody else may hear. */
export interface Secrets {
  house: House
  /** Commands, and has a part in everything. */
  commander: Player
  /** Of the team that is on call for what is restricted. */
  onCall: Player[]
  /** Restricted incidents, by how they came to be so. */
  hidden: Readonly<Record<string, string>>
  /** Alerts in them. */
  alerts: readonly string[]
  /** What everybody may see, so that an empty answer is not taken for a tight one. */
  open: Readonly<Record<string, string>>
  sources: readonly { id: string; key: string }[]
  silence: string
}

export const policyFor = (onCall: readonly string[], others: readonly string[]): string => `
teams:
  - { id: pay, members: [${onCall.join(', ')}] }
  - { id: core, members: [${others.join(', ')}] }
services:
  - { id: vault, team: pay }
  - { id: pages, team: core }
`

/** Fills a house with every kind of thing, and restricts some of it. */
export async function keepSecrets(server: Server): Promise<Secrets> {
  const house = await setUpHouse(server, { responders: 3 })
  const [ana, ben, otto] = house.responders as [Player, Player, Player]
  const { commander } = house
  server.writePolicy(policyFor([ana.id, ben.id], [otto.id]))
  await until('the policy', () => server.log().includes('new policy is active'))
  const source = await house.addSource('prometheus', 'Cluster')

  const does = async (by: Player, incident: string, type: string, fields: object = {}): Promise<void> => {
    const { status, body } = await by.api.command(incident, { type, ...fields } as never)
    if (status !== 200) throw new Error(`${type} of ${incident}: ${status} ${JSON.stringify(body)}`)
  }
  const restrict = (incident: string) => does(commander, incident, 'flag', { flag: 'restricted', on: true })
  const resolve = async (by: Player, incident: string): Promise<void> => {
    await does(by, incident, 'claim')
    await does(by, incident, 'set-phase', { phase: 'resolved' })
  }
  const declare = async (title: string, flags: string[] = [], service = 'vault'): Promise<string> => {
    const said = { title, description: `${title}, told by hand`, service, tier: 2, flags }
    return (await commander.api.must<{ id: string }>('POST', '/api/incidents', said)).id
  }
  const fires = (word: string, service: string, instance = '1') => ({
    ...critical(service, { alertname: word, instance: `${word}-${instance}`, note: word }),
    annotations: { summary: `${word} in ${service}`, description: `${word} again` },
  })
  const opened = async (word: string, service: string, count = 1): Promise<string> => {
    const conditions = Array.from({ length: count }, (_, index) => fires(word, service, `${index}`))
    await raise(server.url, source.key, conditions)
    return until(`the incident of ${word}`, async () => {
      const { incidents } = await commander.api.picture()
      return incidents.find(({ title, alerts }) => title.includes(word) && alerts.firing === count)?.id
    })
  }

  // What everybody sees: one of each kind, like the secret ones as far as can be.
  const past = await declare(`${ordinary} past failure of the vault`, [], 'pages')
  await resolve(otto, past)
  const open = await opened(ordinary, 'pages', 2)
  await does(otto, open, 'claim')
  const parted = await opened(`${ordinary}Parted`, 'catalogue', 2)
  const gone = await opened('CanaryGone', 'search')

  // Opened by alerts, worked on by those on call, and restricted only then.
  const alarm = await opened('CanaryAlarm', 'vault', 3)
  await restrict(alarm)
  await does(ana, alarm, 'claim')
  await does(ana, alarm, 'note', { text: 'canaryNote: the key is under the mat' })
  await does(ana, alarm, 'update', { text: 'canaryUpdate', nextInMin: 10 })
  await does(ana, alarm, 'add-task', { text: 'canaryTask', person: ben.id })
  await does(ana, alarm, 'assign-role', { role: 'scribe', person: ana.id })
  await does(ana, alarm, 'add-evidence', { kind: 'link', name: 'canaryLink', url: 'https://canary.example/1' })
  await does(ana, alarm, 'offer', { to: ben.id, brief: { situation: 'canaryBrief', actions: [] } })

  // A secret from its first breath; a past one; one that was dismissed; one merged into the first; one split from it.
  const born = await declare('CanaryBorn in the vault', ['restricted'])
  const before = await declare(`CanaryPast failure of the vault`, ['restricted'])
  await resolve(ben, before)
  const nothing = await declare('CanaryNothing', ['restricted'])
  await does(commander, nothing, 'dismiss', { reason: 'canaryReason' })
  const merged = await opened('CanaryMerged', 'ledger')
  await does(commander, merged, 'merge', { into: alarm, reason: 'canaryMerge' })
  const { alerts: all } = await commander.api.must<{ alerts: { id: string }[] }>(
    'GET',
    `/api/incidents/${alarm}/alerts`,
  )
  const splitOff = async (of: string, title: string): Promise<string> => {
    const [first] = await commander.api.alerts(of)
    const said = { id: `split ${of}`, type: 'split', alerts: [first?.id], title, reason: 'another' }
    const { facts } = await commander.api.must<{ facts: { incidentId: string }[] }>(
      'POST',
      `/api/incidents/${of}/commands`,
      said,
    )
    return facts.map(({ incidentId }) => incidentId).find((id) => id !== of) ?? ''
  }
  const split = await splitOff(alarm, 'CanarySplit')
  // What was everybody's, and parted from it or took it in before it became a secret.
  const apart = await splitOff(parted, 'CanaryApart')
  await restrict(apart)
  const swallowed = await declare('CanarySwallow', [], 'search')
  await does(commander, gone, 'merge', { into: swallowed, reason: 'the same' })
  await restrict(swallowed)

  // The service desk's, and a silence that holds back some of both.
  const desk = await person(house, 'Rhea Port', 'reporter')
  const report = {
    id: 'report-1',
    title: 'CanaryReport',
    details: 'canaryDetails',
    service: 'vault',
    affected: 'one',
    contact: 'desk 4',
  }
  const told = await desk.api.ask<{ incidentId: string | null }>('POST', '/api/reports', report)
  const reported = told.body.incidentId ?? ''
  if (reported === '') throw new Error(`no report: ${JSON.stringify(told)}`)
  await restrict(reported)
  const matchers = [{ name: 'severity', op: '=', value: 'critical' }]
  const silence = await commander.api.must<{ id: string }>('POST', '/api/silences', {
    ...{ matchers, comment: 'while we look', endsAt: new Date(Date.now() + 3_600_000).toISOString() },
  })
  await raise(server.url, source.key, [fires('CanaryAlarm', 'vault', '0'), fires(ordinary, 'pages', '0')])
  const alerts = new Set(all.map(({ id }) => id))
  for (const each of [alarm, split, apart, swallowed, reported])
    for (const { id } of await commander.api.alerts(each)) alerts.add(id)
  return {
    ...{ house, commander, onCall: [ana, ben], silence: silence.id, sources: [source] },
    hidden: { alarm, born, before, nothing, merged, split, apart, swallowed, gone, reported },
    alerts: [...alerts],
    open: { open, past, parted },
  }
}

/** Somebody more, signed in. */
export function person(house: House, name: string, role: PersonRole): Promise<Player> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@test.example`
  return invite(house.administrator, { name, email, roles: [role] }, testPassword)
}

/** Whoever knocks: by a session, or by a token. */
export interface Caller {
  name: string
  headers: Readonly<Record<string, string>>
  /** For the socket. */
  auth: { token?: string }
}

/** Everybody who is no commander, and has no part in anything. */
export async function bystanders({ house }: Secrets): Promise<Caller[]> {
  const byCookie = (name: string, cookie: string): Caller => ({ name, headers: { cookie }, auth: {} })
  const people = await Promise.all(
    (['viewer', 'reporter', 'communications', 'privacy', 'auditor', 'administrator'] as const).map(async (role) =>
      byCookie(role, (await person(house, `By Stander ${role}`, role)).api.cookie),
    ),
  )
  const other = house.responders[2]
  const machines = await Promise.all(
    [{ role: 'api' }, { role: 'viewer' }, { scopes: ['alerts'] }, { scopes: ['silences'] }].map(async (grant) => {
      const name = `machine ${JSON.stringify(grant)}`
      const { token } = await house.administrator.must<{ token: string }>('POST', '/api/tokens', { name, ...grant })
      return { name, headers: { authorization: `Bearer ${token}` }, auth: { token } }
    }),
  )
  const stranger: Caller = { name: 'stranger', headers: {}, auth: {} }
  return [...people, byCookie('responder of another team', other?.api.cookie ?? ''), ...machines, stranger]
}
