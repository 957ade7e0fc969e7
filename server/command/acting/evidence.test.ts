import { describe, expect, it } from 'vitest'
import type { Actor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { largestFile, mostEvidence, mostFileBytes } from '#shared/evidence.ts'
import { evolve } from '#shared/incident/evolve.ts'
import type { Incident } from '#shared/incident/state.ts'
import { adapterById } from '../../intake/index.ts'
import type { Adapter } from '../../intake/port.ts'
import type { Upload } from '../port.ts'
import { ana, ben, carla, House, here, person, source, vera } from '../room.fixture.ts'

const who = (actor: Actor) => ({ by: actor.id, address: '192.0.2.1' })
const priva = person('priva', 'responder', 'privacy')
const audra = person('audra', 'auditor')

async function* bytes(...pieces: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}
function file(content: Upload['content'], more: Partial<Upload> = {}): Upload {
  return { commandId: crypto.randomUUID(), name: 'a.log', note: '', length: null, content, ...more }
}
async function text(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('evidence of an incident', () => {
  async function withIncident(): Promise<{ house: House; id: string; now: () => Incident }> {
    const house = await House.open()
    await house.alert(
      { alertname: 'Down', service: 'shop', severity: 'critical' },
      { annotations: { summary: 'Ask ops@shop.example', description: 'password=hunter2hunter2' } },
    )
    const [id = ''] = house.room.world().incidents.keys()
    return { house, id, now: () => house.room.incident(id) as Incident }
  }

  it('EV1: a file is kept with who, its kind by its bytes, and its hash; it comes out as it went in, and every look is audited', async () => {
    const { house, id, now } = await withIncident()
    const { facts } = await house.room.evidence.keep(
      ana,
      id,
      file(bytes('{"a":', '1}'), { name: '..\\x\u202e/har.har', note: 'all of it' }),
      here,
    )
    expect(facts).toMatchObject([
      {
        type: 'evidence-added',
        by: 'person:ana',
        evidence: 1,
        kind: 'file',
        name: 'har.har',
        note: 'all of it',
        mediaType: 'application/json',
        size: 7,
      },
    ])
    expect(now().evidence).toMatchObject([{ id: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), withdrawn: null }])
    const opened = await house.room.evidence.open(ben, who(ben), id, 1, 'download')
    expect(await text(opened.content)).toBe('{"a":1}')
    const audit = (await house.store.read.audit(0, 99)).filter(({ action }) => action === 'evidence.read')
    expect(audit).toMatchObject([
      { by: 'person:ben', subject: id, outcome: 'done', detail: { evidence: 1, as: 'download' } },
    ])
    // The same facts tell the same, after a restart too.
    const again = await house.restart()
    expect(again.room.incident(id)?.evidence).toEqual(now().evidence)
    expect(await text((await again.room.evidence.open(ben, who(ben), id, 1, 'download')).content)).toBe('{"a":1}')
    let folded: Incident | null = null
    for (const fact of await house.store.read.factsOf(id)) folded = evolve(folded, fact)
    expect(folded?.evidence).toEqual(now().evidence)
  })

  it('what is refused leaves nothing: too large, empty, of another kind, broken off, there already, for the wrong person', async () => {
    const { house, id, now } = await withIncident()
    const keep = (content: Upload['content'], actor = ana, more: Partial<Upload> = {}) =>
      house.room.evidence.keep(actor, id, file(content, more), here).then(
        () => 'kept',
        (error: { code: string }) => error.code,
      )
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1 << 20, 'a')
    }
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      throw new Error('hung up')
    }
    expect(await keep(endless())).toBe('body-too-large')
    expect(await keep(bytes())).toBe('body-malformed')
    expect(await keep(bytes('MZ\0\0 a program'))).toBe('media-type-unsupported')
    expect(await keep(bytes('text at first', 'then\0 not'))).toBe('media-type-unsupported')
    expect(await keep(bytes(Uint8Array.of(0xff, 0xfe, 0x61, 0)))).toBe('media-type-unsupported')
    expect(await keep(broken())).toBeUndefined()
    expect(await keep(bytes('a'), vera)).toBe('not-allowed')
    expect(await keep(bytes('a'), ana, { length: mostFileBytes + 1 })).toBe('body-too-large')
    expect(await keep(bytes('a'))).toBe('kept')
    expect(await keep(bytes('a'), ben)).toBe('nothing-to-change')
    expect(now().evidence).toHaveLength(1)
    expect(await house.store.evidence.sweep(async () => false)).toEqual({ settled: 0, dropped: 0 })
    expect(largestFile * 8).toBe(mostFileBytes)
  })

  it('C1: the same upload again under the same key gives the same answer and keeps nothing twice', async () => {
    const { house, id, now } = await withIncident()
    const first = await house.room.evidence.keep(ana, id, file(bytes('a'), { commandId: 'k' }), here)
    const again = await house.room.evidence.keep(ana, id, file(bytes('a'), { commandId: 'k' }), here)
    expect(again.facts).toEqual(first.facts)
    await expect(house.room.evidence.keep(ana, id, file(bytes('b'), { commandId: 'k' }), here)).rejects.toMatchObject({
      code: 'command-id-reused',
    })
    expect(now().evidence).toHaveLength(1)
    expect(await house.store.evidence.sweep(async () => false)).toEqual({ settled: 0, dropped: 0 })
  })

  it('EV1: where nobody knows whether the store took it, the sweep asks the journal', async () => {
    const { house, id } = await withIncident()
    const { commit } = house.store
    async function* thenFull(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('b')
      house.store.commit = async () => {
        house.store.commit = commit
        throw new UxbridgeError('store-full', 'The disk is full.')
      }
    }
    await expect(house.room.evidence.keep(ana, id, file(thenFull()), here)).rejects.toMatchObject({
      code: 'store-full',
    })
    expect(await house.room.evidence.sweep()).toEqual({ settled: 0, dropped: 1 })
  })

  it('EV3: links are kept as they are, once, and must lead somewhere', async () => {
    const { house, id, now } = await withIncident()
    const add = (url: string) => house.does(ana, id, { type: 'add-evidence', kind: 'link', url, name: 'Graph' })
    await add('https://graphs.example/d/1?x=y')
    expect(now().evidence).toMatchObject([{ kind: 'link', url: 'https://graphs.example/d/1?x=y', digest: null }])
    await expect(add('https://graphs.example/d/1?x=y')).rejects.toMatchObject({ code: 'nothing-to-change' })
    await expect(house.room.evidence.open(ana, who(ana), id, 1, 'download')).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('EV8: the request of an alert is kept masked, and as it came only by and for those who may read it so', async () => {
    const { house, id, now } = await withIncident()
    const alert = house.room.world().filter.alertsOf(id)[0]?.id ?? ''
    const keep = (actor: Actor, more: object = {}) =>
      house.does(actor, id, { type: 'add-evidence', kind: 'payload', alert, ...more })
    await keep(ana)
    const masked = await text((await house.room.evidence.open(ana, who(ana), id, 1, 'download')).content)
    expect(JSON.parse(masked)[0]).toMatchObject({
      labels: { alertname: 'Down' },
      annotations: { summary: 'Ask [e-mail]', description: expect.not.stringContaining('hunter2') },
    })
    expect(now().evidence?.[0]).toMatchObject({
      kind: 'payload',
      alert,
      verbatim: false,
      mediaType: 'application/json',
    })
    await expect(keep(ben)).rejects.toMatchObject({ code: 'nothing-to-change' })
    await expect(keep(ana, { verbatim: true })).rejects.toMatchObject({ code: 'not-allowed' })
    await keep(priva, { verbatim: true })
    await expect(house.room.evidence.open(ana, who(ana), id, 2, 'download')).rejects.toMatchObject({
      code: 'not-allowed',
    })
    const raw = await text((await house.room.evidence.open(priva, who(priva), id, 2, 'download')).content)
    expect(raw).toContain('ops@shop.example')
    await expect(keep(ana, { alert: 'ffff' })).rejects.toMatchObject({ code: 'not-found' })
    const refused = (await house.store.read.audit(0, 99)).filter(({ outcome }) => outcome === 'refused')
    expect(refused.map(({ action, detail }) => [action, detail.code])).toContainEqual(['evidence.read', 'not-allowed'])
    expect(await house.store.evidence.sweep(async () => false)).toEqual({ settled: 0, dropped: 0 })
  })

  it('RS12: of a batch that carries what is restricted beside, only the member of the alert is kept', async () => {
    const { house, id } = await withIncident()
    const adapter = adapterById('prometheus/alerts-v2') as Adapter
    house.readers.set(source.id, () => ({ source, adapter, settings: {} }))
    const alerts = [
      { alertname: 'Leak', service: 'vault', word: 'kestrel' },
      { alertname: 'Slow', service: 'shop' },
    ]
    const body = Buffer.from(JSON.stringify(alerts.map((labels) => ({ labels: { ...labels, severity: 'critical' } }))))
    const plain = { contentType: 'application/json', method: 'POST', path: '', query: '', headers: {}, settings: {} }
    const raw = { ...plain, body, receivedAt: house.now }
    await house.room.receive(source, adapter, raw, adapter.parse(raw))
    const named = (name: string) =>
      [...house.room.world().filter.alerts()].find(({ labels }) => labels.alertname === name)
    const [slow, leak] = [named('Slow'), named('Leak')]
    expect(slow?.incidentId).toBe(id)
    const keep = (incident: string, alert = '') =>
      house.does(carla, incident, { type: 'add-evidence', kind: 'payload', alert })
    const kept = async (incident: string, number: number) =>
      text((await house.room.evidence.open(carla, who(carla), incident, number, 'download')).content)
    await keep(id, slow?.id)
    expect(await kept(id, 1), 'all is everybody’s').toContain('kestrel')
    const secret = leak?.incidentId ?? ''
    await house.does(carla, secret, { type: 'flag', flag: 'restricted', on: true })
    await keep(id, slow?.id)
    expect(JSON.parse(await kept(id, 2))).toEqual({ labels: { ...alerts[1], severity: 'critical' } })
    await keep(secret, leak?.id)
    expect(JSON.parse(await kept(secret, 1)), 'of its own it is whole').toHaveLength(2)
    house.readers.clear()
    await expect(keep(id, slow?.id), 'nobody can take it apart').rejects.toMatchObject({ code: 'not-found' })
  })

  it('EV4: whoever added it, the owner or a commander withdraws it with a reason; it stays, and few may read it then', async () => {
    const { house, id, now } = await withIncident()
    await house.room.evidence.keep(ana, id, file(bytes('a')), here)
    const withdraw = (actor: Actor, evidence = 1) =>
      house.does(actor, id, { type: 'withdraw-evidence', evidence, reason: 'of another incident' })
    await expect(withdraw(ben)).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(withdraw(ana, 2)).rejects.toMatchObject({ code: 'not-found' })
    await withdraw(carla)
    await expect(withdraw(ana)).rejects.toMatchObject({ code: 'nothing-to-change' })
    expect(now().evidence).toMatchObject([
      { id: 1, withdrawn: { by: 'person:carla', reason: 'of another incident', at: house.now }, destroyedAt: null },
    ])
    await expect(house.room.evidence.open(ana, who(ana), id, 1, 'download')).rejects.toMatchObject({
      code: 'not-allowed',
    })
    expect(await text((await house.room.evidence.open(audra, who(audra), id, 1, 'download')).content)).toBe('a')
    // The same may come again, under another number.
    await house.room.evidence.keep(ana, id, file(bytes('a')), here)
    expect(now().evidence?.map(({ id: number, withdrawn }) => [number, withdrawn === null])).toEqual([
      [1, false],
      [2, true],
    ])
  })

  it('EV6: bytes of what was withdrawn are destroyed when their time has ended, once, and the record says so', async () => {
    const { house, id, now } = await withIncident()
    for (const words of ['a', 'b']) await house.room.evidence.keep(ana, id, file(bytes(words)), here)
    await house.does(ana, id, { type: 'withdraw-evidence', evidence: 1, reason: 'of another incident' })
    expect(await house.later(29 * 24 * 3_600_000).room.evidence.expire()).toBe(0)
    expect(await text((await house.room.evidence.open(carla, who(carla), id, 1, 'download')).content)).toBe('a')
    const later = await house.later(2 * 24 * 3_600_000).restart()
    expect(await later.room.evidence.expire()).toBe(1)
    expect(await later.room.evidence.expire()).toBe(0)
    expect(later.room.incident(id)?.evidence).toMatchObject([
      { id: 1, destroyedAt: house.now },
      { id: 2, destroyedAt: null },
    ])
    await expect(later.room.evidence.open(carla, who(carla), id, 1, 'download')).rejects.toThrow(/were destroyed/)
    expect(await text((await later.room.evidence.open(ana, who(ana), id, 2, 'download')).content)).toBe('b')
    expect((await house.store.read.factsOf(id)).at(-1)).toMatchObject({
      type: 'evidence-destroyed',
      by: 'system:clock',
    })
    expect(await house.store.read.settings('evidence-withdrawn')).toEqual([])
    expect(now().evidence).toHaveLength(2)
  })

  it('EV5: so many pieces, and no more', async () => {
    const { house, id } = await withIncident()
    for (let n = 1; n <= mostEvidence; n++)
      await house.does(ana, id, { type: 'add-evidence', kind: 'link', url: `https://x.example/${n}` })
    await expect(house.room.evidence.keep(ana, id, file(bytes('a')), here)).rejects.toMatchObject({
      code: 'phase-forbids',
    })
  })

  it('when the words of an incident are erased its files are gone, and it says so', async () => {
    const { house, id } = await withIncident()
    await house.room.evidence.keep(ana, id, file(bytes('a')), here)
    await house.store.erase({ incidentId: id })
    const again = await house.restart()
    expect(again.room.incident(id)?.evidence).toMatchObject([{ name: '[erased]', sha256: '[erased]' }])
    await expect(again.room.evidence.open(ana, who(ana), id, 1, 'download')).rejects.toThrow(/was erased/)
  })
})
