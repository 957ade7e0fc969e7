import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { Fault, memberLimits } from './labels.ts'

/** One log record or resource larger than this is not read: of smaller ones, thousands fit into one request. */
const longestMessage = 256 * 1024
const deepest = 64
/** Resources and scopes of one request: each record may have its own. */
const mostGroups = 2 * memberLimits.members
/** Attributes of a record, or values of a list. */
const mostValues = 4096

/** One kind of message: by field number, how it is called in OTLP's JSON and how it is read. */
interface Shape {
  fields: ReadonlyMap<number, Field>
  /** At most one of its fields is set; the last one counts. */
  oneOf: boolean
}
interface Field {
  name: string
  wire: WireType
  many: boolean
  read(reader: BinaryReader, end: number, depth: number): unknown
}

const text = (name: string): Field => plain(name, WireType.LengthDelimited, (reader) => reader.string())
const hex = (name: string): Field =>
  plain(name, WireType.LengthDelimited, (reader) => Buffer.from(reader.bytes()).toString('hex'))
const fixed64 = (name: string): Field => plain(name, WireType.Bit64, (reader) => String(reader.fixed64()))

function plain(name: string, wire: WireType, read: Field['read']): Field {
  return { name, wire, many: false, read }
}

function nested(name: string, shape: () => Shape, many = false): Field {
  return {
    name,
    wire: WireType.LengthDelimited,
    many,
    read: (reader, end, depth) => readMessage(shape(), reader, endOf(reader, end), depth + 1),
  }
}

function shapeOf(fields: Readonly<Record<number, Field>>, oneOf = false): Shape {
  return { fields: new Map(Object.entries(fields).map(([number, field]) => [Number(number), field])), oneOf }
}

// Source: github.com/open-telemetry/opentelemetry-proto, common/v1/common.proto, resource/v1 and logs/v1.
const anyValue: Shape = shapeOf(
  {
    1: text('stringValue'),
    2: plain('boolValue', WireType.Varint, (reader) => reader.bool()),
    3: plain('intValue', WireType.Varint, (reader) => String(reader.int64())),
    4: plain('doubleValue', WireType.Bit64, (reader) => reader.double()),
    5: nested('arrayValue', () => arrayValue),
    6: nested('kvlistValue', () => keyValueList),
    7: plain('bytesValue', WireType.LengthDelimited, (reader) => Buffer.from(reader.bytes()).toString('base64')),
  },
  true,
)
const arrayValue = shapeOf({ 1: nested('values', () => anyValue, true) })
const keyValue = shapeOf({ 1: text('key'), 2: nested('value', () => anyValue) })
const keyValueList = shapeOf({ 1: nested('values', () => keyValue, true) })
const resource = shapeOf({ 1: nested('attributes', () => keyValue, true) })
const scope = shapeOf({ 1: text('name'), 2: text('version') })
const logRecord = shapeOf({
  1: fixed64('timeUnixNano'),
  2: plain('severityNumber', WireType.Varint, (reader) => reader.int32()),
  3: text('severityText'),
  5: nested('body', () => anyValue),
  6: nested('attributes', () => keyValue, true),
  9: hex('traceId'),
  10: hex('spanId'),
  11: fixed64('observedTimeUnixNano'),
  12: text('eventName'),
})

/** Log records that share what they come from. Every part is as OTLP's JSON has it, or the fault that it cannot be read. */
export interface LogGroup {
  resource: unknown
  scope: unknown
  /** Still packed where there is `unpack`: only one at a time is held as more than its bytes. */
  records: readonly unknown[]
  unpack?(record: unknown): unknown
}
export interface LogBatch {
  groups: LogGroup[]
  /** Records beyond the limit of one request, which were not read. */
  more: number
}

/**
 * An `ExportLogsServiceRequest`. Every record is decoded by itself, so that a bad one takes no other with it. A field of
 * another wire type than its own counts as unknown, as in every protobuf reader; text that is no UTF-8 has U+FFFD in it.
 * @returns `reason` when not even its records can be told apart
 */
export function decodeLogs(body: Uint8Array): LogBatch | { reason: string } {
  const batch: LogBatch = { groups: [], more: 0 }
  let left: number = memberLimits.members
  let count = 0
  const countGroup = () => {
    if (++count > mostGroups) throw new RangeError(`it has more than ${mostGroups} resources and scopes`)
  }
  try {
    for (const logs of partsOf(body, 1)) {
      countGroup()
      const about = lastOf(logs, 1, resource)
      for (const scoped of partsOf(logs, 2)) {
        countGroup()
        const records: Uint8Array[] = []
        for (const bytes of partsOf(scoped, 2)) {
          if (left-- > 0) records.push(bytes)
          else batch.more++
        }
        batch.groups.push({ resource: about, scope: lastOf(scoped, 1, scope), records, unpack: unpackRecord })
      }
    }
  } catch (error) {
    return { reason: `the body is no protobuf: ${(error as Error).message}` }
  }
  return batch
}

function unpackRecord(record: unknown): unknown {
  return record instanceof Uint8Array ? decode(logRecord, record) : record
}

/** The bytes of each field of this number, one after the other: a body of empty ones must not become a list of millions. */
function* partsOf(bytes: Uint8Array, number: number): Generator<Uint8Array> {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [found, wire] = reader.tag()
    if (found === number && wire === WireType.LengthDelimited) yield reader.bytes()
    else reader.skip(wire, found)
  }
}

/** One that is there several times counts as its last: senders write it once. None: null. */
function lastOf(bytes: Uint8Array, number: number, shape: Shape): unknown {
  let last: Uint8Array | null = null
  for (const part of partsOf(bytes, number)) last = part
  return last === null ? null : decode(shape, last)
}

function decode(shape: Shape, bytes: Uint8Array): unknown {
  if (bytes.length > longestMessage) return new Fault('invalid', '', `it is longer than ${longestMessage} bytes`)
  try {
    return readMessage(shape, new BinaryReader(bytes), bytes.length, 0)
  } catch (error) {
    return new Fault('type', '', `its protobuf cannot be decoded: ${(error as Error).message}`)
  }
}

function readMessage(shape: Shape, reader: BinaryReader, end: number, depth: number): Record<string, unknown> {
  if (depth > deepest) throw new RangeError(`nested deeper than ${deepest} levels`)
  let message: Record<string, unknown> = {}
  while (reader.pos < end) {
    const [number, wire] = reader.tag()
    const field = shape.fields.get(number)
    if (field === undefined || field.wire !== wire) {
      reader.skip(wire, number)
      continue
    }
    const value = field.read(reader, end, depth)
    if (shape.oneOf) message = {}
    const before = message[field.name]
    if (!field.many) message[field.name] = value
    else if (!Array.isArray(before)) message[field.name] = [value]
    else if (before.push(value) > mostValues) throw new RangeError(`${field.name} has more than ${mostValues} entries`)
  }
  if (reader.pos > end) throw new RangeError('a field is longer than the message it is in')
  return message
}

function endOf(reader: BinaryReader, limit: number): number {
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > limit) throw new RangeError('a message is longer than the one it is in')
  return end
}

/** An `ExportLogsServiceResponse`; without rejected records it is empty. */
export function encodeResponse(rejected: number, errorMessage: string): Uint8Array {
  const writer = new BinaryWriter()
  if (rejected > 0)
    writer
      .tag(1, WireType.LengthDelimited)
      .fork()
      .tag(1, WireType.Varint)
      .int64(rejected)
      .tag(2, WireType.LengthDelimited)
      .string(errorMessage)
      .join()
  return writer.finish()
}

/** A `google.rpc.Status`. */
export function encodeStatus(code: number, message: string): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(code)
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .finish()
}
