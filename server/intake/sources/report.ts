import { hash } from 'node:crypto'
import { z } from 'zod'
import { type Event, safeLink } from '#shared/event.ts'
import { extents, felt, reportSchema } from '#shared/report.ts'
import type { Source } from '../../access/port.ts'
import type { Adapter, RawRequest } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { readJson } from './json.ts'
import { keyedEvent, keyOf, unreadableBody } from './keyed.ts'

/** What people report comes from one source that is always there. It has no key: only the form leads to it. */
export const reportSource: Source = Object.freeze({
  id: 'own:reports',
  kind: 'report',
  name: 'Reports by people',
  group: 'own:reports',
  defaultSeverity: null,
  settings: Object.freeze({}),
  createdAt: 0,
})

/** A report as it is logged: who made it, and which known service it means, as it was found then. */
const madeSchema = z.strictObject({
  by: z.string().min(1).max(80),
  service: z.string().max(80).nullable(),
  report: reportSchema,
})
export type MadeReport = z.output<typeof madeSchema>

/** The request that a report is logged as. @param receivedAt epoch ms */
export function reportRequest(made: MadeReport, receivedAt: number): RawRequest {
  const body = Buffer.from(JSON.stringify(made))
  const plain = { contentType: 'application/json', method: 'POST', path: '', query: '', headers: {}, settings: {} }
  return { ...plain, body, receivedAt }
}

/**
 * A report by a person, as an event: nobody knows when it will be over, so it ends with its incident. Rule P4: what people
 * write, and how they can be reached, stands in the description and nowhere else; labels say only what the form offers to
 * choose, and the environment.
 */
export const reportAdapter: Adapter = {
  id: 'own/report',
  door: 'listener',
  maxBytes: 64 * 1024,
  mediaTypes: null,
  parse({ body, receivedAt }) {
    const json = readJson(body)
    const made = 'reason' in json ? null : madeSchema.safeParse(json.value)
    if (!made?.success) return unreadableBody('this is no report by a person')
    return { events: [eventOf(made.data, receivedAt)], unreadable: [], answer: { status: 200 }, keep: true }
  },
  refuse: houseRefusal,
}

function eventOf({ by, service, report }: MadeReport, receivedAt: number): Event {
  const { id, title, since, environment, affected, links } = report
  const feels = felt.find(({ value }) => value === report.felt)
  // A known service is a name of the house; any other word may be about somebody, so it only groups.
  const inWords = service === null && report.service !== null ? report.service : null
  return keyedEvent(
    {
      kind: 'report',
      status: 'firing',
      // The same id with other words is another report: nothing that somebody wrote is dropped.
      key: keyOf(by, id, hash('sha256', JSON.stringify(report))),
      severity: feels?.severity ?? 'medium',
      severityRaw: feels?.label ?? '',
      title,
      description: wordsOf(report, inWords),
      startsAt: since === null ? null : Date.parse(since),
      service,
      labels: { kind: 'report', affected, environment },
      links: links.map((href, at) => safeLink(href, links.length === 1 ? 'Evidence' : `Evidence ${at + 1}`)),
      groupKey: inWords === null ? null : `reported service ${inWords.toLowerCase()}`,
    },
    receivedAt,
  )
}

function wordsOf(report: MadeReport['report'], service: string | null): string {
  const { details, affected, who, place, evidence, contact } = report
  const extent = extents.find(({ value }) => value === affected)?.label ?? ''
  const parts = {
    '': details,
    Affected: [extent, who].filter((word) => word !== '').join(': '),
    Service: service ?? '',
    Where: place,
    Evidence: evidence,
    Contact: contact,
  }
  return Object.entries(parts)
    .filter(([, words]) => words !== '')
    .map(([name, words]) => (name === '' ? words : `${name}: ${words}`))
    .join('\n')
}
