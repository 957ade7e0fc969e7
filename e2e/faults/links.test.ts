import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { makeApi } from '#server/demo/client.ts'
import { invite, type Player } from '#server/demo/people.ts'
import { type House, setUpHouse, testPassword } from '../world/house.ts'
import { type MailServer, startMail } from '../world/mail.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const hourMs = 3_600_000
const notify = { group_within: '500ms' }
let server: Server
let house: House
let mail: MailServer
let speaker: Player
beforeAll(async () => {
  mail = await startMail()
  server = await startServer({ policy: stringify({ notify }), env: { SMTP_URL: mail.url } })
  house = await setUpHouse(server)
  const name = 'Hana Ito'
  const roles = ['communications'] as const
  speaker = await invite(house.administrator, { name, email: 'hana@test.example', roles }, testPassword)
}, 120_000)
afterAll(async () => {
  await server?.close()
  await mail?.close()
})

const mailTo = (to: string, about: string) =>
  until(`mail to ${to} about ${about}`, () => mail.mails.find((one) => one.to === to && one.text.includes(about)))
const tokenOf = (links: ReadonlyMap<string, string>, label: string) => new URL(links.get(label) ?? '').hash.slice(1)
async function declared(title: string, flags: string[] = []): Promise<string> {
  const fields = { title, description: 'canary of the description', service: null, tier: 2, flags }
  const { id } = await house.commander.api.must<{ id: string }>('POST', '/api/incidents', fields)
  return id
}

describe('what people do from their mail', () => {
  it('somebody who speaks and does not respond accepts a role by the link, in own words, once', async () => {
    const id = await declared('Orders hang')
    const asked = { type: 'assign-role', role: 'scribe', person: speaker.id, note: 'From the first call on' } as const
    expect(await house.commander.api.command(id, asked)).toMatchObject({ status: 200 })
    const { links, text } = await mailTo(speaker.email, id)
    expect(text).toContain('Accept as scribe: ')
    const token = tokenOf(links, 'Accept')
    const stranger = makeApi(server.url)
    expect(await stranger.ask('POST', '/api/act/look', { token })).toMatchObject({
      body: { role: { role: 'scribe', from: null, note: 'From the first call on' }, offer: null, refused: null },
    })
    expect(await stranger.ask('POST', '/api/act', { token })).toMatchObject({ status: 422 })
    const said = { token, readBack: 'I write down who decides what' }
    expect(await stranger.ask('POST', '/api/act', said)).toMatchObject({
      body: { did: `You are scribe of ${id} now.` },
    })
    expect(await stranger.ask('POST', '/api/act', said)).toMatchObject({ status: 410 })
  }, 120_000)

  it('AL5: a new password, and an administrator who ends all sessions, end the links that are out there, over a restart', async () => {
    const [first, second] = house.responders as [Player, Player]
    const stranger = makeApi(server.url)
    const told = async (who: Player, title: string) => {
      const id = await declared(title)
      await house.commander.api.command(id, { type: 'assist', person: who.id })
      const { links } = await mailTo(who.email, id)
      return { token: tokenOf(links, 'Acknowledge') }
    }
    const one = await told(first, 'first')
    const other = await told(second, 'second')
    for (const body of [one, other])
      expect(await stranger.ask('POST', '/api/act/look', body)).toMatchObject({ status: 200 })
    const passwords = { current: testPassword, next: 'quite another pass phrase' }
    expect((await first.api.ask('PUT', '/api/session/password', passwords)).status).toBeLessThan(300)
    expect((await house.administrator.ask('POST', `/api/people/${second.id}/end-sessions`, {})).status).toBe(204)
    expect((await second.api.ask('GET', '/api/sessions')).status).toBe(401)
    await server.restart()
    for (const body of [one, other])
      for (const path of ['/api/act/look', '/api/act'])
        expect(await stranger.ask('POST', path, body)).toMatchObject({ status: 410, body: { code: 'link-spent' } })
  }, 120_000)

  it('N10, AL6: of a restricted incident mail and link say the number; signed in its addressee reads it; others find nothing', async () => {
    const id = await declared('canary of the title', ['restricted'])
    const { api } = house.commander
    const first = house.responders[0] as Player
    expect(await api.command(id, { type: 'assist', person: first.id })).toMatchObject({ status: 200 })
    const { links, text, subject } = await mailTo(first.email, id)
    expect(subject).toBe(id)
    expect(text).not.toMatch(/canary|Tier|assist|Inês|Unclassified/)
    const token = tokenOf(links, 'Acknowledge')
    const bare = await makeApi(server.url).ask('POST', '/api/act/look', { token })
    expect(bare).toMatchObject({ body: { numberOnly: true, incident: { id, title: null, tier: null, owner: null } } })
    expect(JSON.stringify(bare.body)).not.toContain('canary')
    expect(await first.api.ask('POST', '/api/act/look', { token })).toMatchObject({
      body: { numberOnly: false, incident: { title: 'canary of the title' } },
    })
    expect(await makeApi(server.url).ask('POST', '/api/act', { token })).toMatchObject({
      body: { did: `Noted, for ${id}.` },
    })
  }, 120_000)

  it('SW1: a shift that is offered is told by mail, and so is the answer', async () => {
    const people = await Promise.all(
      ['Ines Vidal', 'Otto Berg'].map((name, n) =>
        invite(house.administrator, { name, email: `shift${n}@test.example`, roles: ['responder'] }, testPassword),
      ),
    )
    const [ines, otto] = people as [Player, Player]
    const day = new Date(Date.now()).toISOString().slice(0, 10)
    const rotation = { id: 'web', name: 'Web on-call', team: 'web', time_zone: 'UTC' }
    server.writePolicy(
      stringify({
        notify,
        teams: [{ id: 'web', members: [ines.id, otto.id] }],
        rotations: [{ ...rotation, layers: [{ name: 'day', people: [ines.id], starts: `${day}T00:00`, turn: '1w' }] }],
      }),
    )
    await until('the rotation', async () => {
      const { rotations } = await ines.api.must<{ rotations: unknown[] }>('GET', '/api/rota', undefined)
      return rotations.length === 1
    })
    const at = (hours: number) => new Date(Math.floor(Date.now() / hourMs) * hourMs + hours * hourMs).toISOString()
    const offer = { rotation: 'web', layer: 'day', from: at(30), to: at(38), offerTo: otto.id, reason: 'a wedding' }
    const swap = await ines.api.must<{ id: string }>('POST', '/api/rota/swaps', offer)
    const asked = await mailTo(otto.email, 'Web on-call')
    expect(asked.subject).toContain('Shift of Web on-call, ')
    expect(asked.text).toContain('Ines Vidal offers it to you')
    expect(asked.text).toContain('/rota?rotation=web')
    expect(asked.text).not.toContain('wedding')
    expect((await otto.api.ask('POST', `/api/rota/swaps/${swap.id}/accept`, {})).status).toBe(200)
    const answer = await mailTo(ines.email, 'Web on-call')
    expect(answer.text).toContain('Otto Berg takes it over')
  }, 120_000)
})
