import type { Event } from '#shared/event.ts'
import type { Adapter, RawRequest, Reading, Sample } from '../port.ts'
import { houseRefusal } from './answers.ts'

/** The media type of a test as it is logged: the sample of a kind, in an envelope that says how to read it. */
const envelopeType = 'application/vnd.uxbridge.test+json'
const longestSample = 64 * 1024

interface Envelope extends Required<Omit<Sample, 'door'>> {
  /** Adapter that reads the sample; null for a kind without a sample. */
  adapter: string | null
}

/**
 * Reads a test that was sent from the page of a source. Rule K2: the sample is read by the kind's own adapter, and whatever
 * comes of it is of kind `test`: recorded with its reason, never an alert, never an incident.
 */
export function testAdapter(adapterById: (id: string) => Adapter | undefined): Adapter {
  return {
    id: 'test/page',
    door: 'intake',
    maxBytes: longestSample * 2,
    mediaTypes: [envelopeType],
    // Whatever the kind's adapter uses is logged with the test.
    uses: [],
    parse(request): Reading {
      const { adapter: id, body, contentType, headers } = readEnvelope(request.body)
      if (id === null) return { events: [plainTest(body, request.receivedAt)], unreadable: [], ...kept }
      const adapter = adapterById(id)
      if (adapter === undefined)
        return { events: [], unreadable: [{ index: 0, reason: `nothing here reads "${id}" any more` }], ...kept }
      const reading = adapter.parse({ ...request, body: Buffer.from(body), contentType, headers })
      return { ...reading, keep: true, events: reading.events.map(asTest) }
    },
    refuse: houseRefusal,
  }
}

/** Without whatever works besides telling of a condition: a run that ended, a change of another alert, the name of a delivery. */
function asTest({ beat: _beat, amends: _amends, deliveryId: _deliveryId, note: _note, ...event }: Event): Event {
  return { ...event, kind: 'test' }
}
const kept = { answer: { status: 200 }, keep: true } as const

/** The request that a test is logged as. @param adapter how the sample is read; null: the kind has none */
export function testRequest(
  adapter: Adapter | null,
  { body, contentType = 'application/json', headers = {} }: Sample,
  { settings, receivedAt }: Pick<RawRequest, 'settings' | 'receivedAt'>,
): RawRequest {
  const envelope: Envelope = { adapter: adapter?.id ?? null, body, contentType, headers }
  return {
    body: Buffer.from(JSON.stringify(envelope)),
    contentType: envelopeType,
    method: 'POST',
    path: '',
    query: '',
    headers: {},
    settings,
    receivedAt,
  }
}

/** Ours alone makes envelopes; one that cannot be read is a test that says so. */
function readEnvelope(body: Uint8Array): Envelope {
  try {
    const read = JSON.parse(Buffer.from(body).toString('utf8')) as Partial<Envelope> | null
    if (typeof read?.body === 'string' && typeof read.contentType === 'string')
      return {
        adapter: typeof read.adapter === 'string' && read.adapter !== 'test/page' ? read.adapter : null,
        body: read.body,
        contentType: read.contentType,
        headers: isTexts(read.headers) ? read.headers : {},
      }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { adapter: null, body: 'A test without a sample', contentType: 'text/plain', headers: {} }
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')
}

function plainTest(title: string, at: number): Event {
  return {
    kind: 'test',
    status: 'firing',
    dedupKey: 'test',
    family: 'keyed',
    severity: 'info',
    severityRaw: 'info',
    title: title.slice(0, 200),
    description: '',
    startsAt: at,
    endsAt: null,
    expiresAt: null,
    timesOut: false,
    service: null,
    labels: {},
    annotations: {},
    links: [],
    groupKey: null,
  }
}
