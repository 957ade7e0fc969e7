import type { Event } from '#shared/event.ts'
import { applyMapping, type Mapped, type MappedMember } from '#shared/mapping/apply.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import type { RawRequest, Reading, VendorAnswer } from '../port.ts'
import { cut, readJson } from './json.ts'
import { readEach, unreadableBody } from './keyed.ts'
import { Fault } from './labels.ts'
import { type Envelope, readMember } from './simple.ts'

const bare: Envelope = { at: null, status: 'firing', key: null, labels: {} }

/**
 * A body of any shape, read by a mapping of the policy. Rule M2: what the sender cannot mend is kept and answered 202:
 * a mapping that is missing or does not fit is for a person here to correct, and a retry of lost property reads it then.
 * @param about what is known of each member besides, where it says nothing of it itself
 */
export function readMapped(request: RawRequest, mapping: Mapping, about: Envelope = bare): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return unreadableBody(json.reason)
  const mapped = applyMapping(mapping, json.value, request.receivedAt)
  if ('reason' in mapped) return kept(mapped.reason)
  const { members, total } = mapped
  const reading = readEach(members, (each) => eventOf(each as Mapped, about, request.receivedAt))
  const left = total - members.length
  const unread = left === 0 ? [] : [{ index: members.length, reason: `${left} more members were not read: too many` }]
  const unreadable = [...reading.unreadable, ...unread]
  return unreadable.length === 0 ? reading : { ...reading, unreadable, answer: keptAnswer }
}

/** Nothing can be read, because the policy has no mapping of the name that the source gives. */
export function readUnmapped(name: string): Reading {
  return kept(
    `the policy has no mapping "${name.slice(0, 80)}"; add it under mappings or choose another on the page of the source, then retry`,
  )
}

const keptAnswer: VendorAnswer = {
  status: 202,
  body: { message: 'Kept. Some of it could not be read; the people who run this see why, and read it again.' },
}

function kept(reason: string): Reading {
  return { events: [], unreadable: [{ index: 0, reason }], answer: keptAnswer, keep: true }
}

function eventOf(mapped: Mapped, about: Envelope, receivedAt: number): Event | Fault | null {
  if ('ignored' in mapped) return null
  if ('reason' in mapped) return new Fault('invalid', '', mapped.reason)
  const { member } = mapped
  const event = readMember(simple(member), about, receivedAt)
  if (event instanceof Fault) return event
  return { ...event, severityRaw: cut(member.severityRaw ?? event.severityRaw, 100), expiresAt: member.expiresAt }
}

/** As our own simple shape has it. */
function simple({ severityRaw, expiresAt, startsAt, endsAt, ...member }: MappedMember): Record<string, unknown> {
  return { ...member, startsAt: instantOf(startsAt), endsAt: instantOf(endsAt) }
}

function instantOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
