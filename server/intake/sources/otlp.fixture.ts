import { create, createFileRegistry, type DescMessage, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'

// The messages of opentelemetry-proto, written down a second time: an encoder that shares nothing with our decoder.
const field = (name: string, number: number, type: Type, of = '', label = Label.OPTIONAL) => ({
  name,
  jsonName: name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  number,
  type,
  label,
  ...(of === '' ? {} : { typeName: `.otlp.${of}` }),
})
const many = (name: string, number: number, of: string) => field(name, number, Type.MESSAGE, of, Label.REPEATED)
const file = create(FileDescriptorProtoSchema, {
  name: 'otlp.proto',
  package: 'otlp',
  syntax: 'proto3',
  messageType: [
    {
      name: 'AnyValue',
      oneofDecl: [{ name: 'value' }],
      field: [
        field('string_value', 1, Type.STRING),
        field('bool_value', 2, Type.BOOL),
        field('int_value', 3, Type.INT64),
        field('double_value', 4, Type.DOUBLE),
        field('array_value', 5, Type.MESSAGE, 'ArrayValue'),
        field('kvlist_value', 6, Type.MESSAGE, 'KeyValueList'),
        field('bytes_value', 7, Type.BYTES),
      ].map((each) => ({ ...each, oneofIndex: 0 })),
    },
    { name: 'ArrayValue', field: [many('values', 1, 'AnyValue')] },
    { name: 'KeyValueList', field: [many('values', 1, 'KeyValue')] },
    { name: 'KeyValue', field: [field('key', 1, Type.STRING), field('value', 2, Type.MESSAGE, 'AnyValue')] },
    { name: 'Resource', field: [many('attributes', 1, 'KeyValue')] },
    { name: 'Scope', field: [field('name', 1, Type.STRING), field('version', 2, Type.STRING)] },
    {
      name: 'LogRecord',
      field: [
        field('time_unix_nano', 1, Type.FIXED64),
        field('observed_time_unix_nano', 11, Type.FIXED64),
        field('severity_number', 2, Type.INT32),
        field('severity_text', 3, Type.STRING),
        field('body', 5, Type.MESSAGE, 'AnyValue'),
        many('attributes', 6, 'KeyValue'),
        field('trace_id', 9, Type.BYTES),
        field('span_id', 10, Type.BYTES),
        field('event_name', 12, Type.STRING),
      ],
    },
  ],
})
const registry = createFileRegistry(file, () => undefined)

function write(name: string, value: unknown): Uint8Array {
  const schema = registry.getMessage(`otlp.${name}`) as DescMessage
  return toBinary(schema, fromJson(schema, value as JsonValue))
}

/** OTLP's JSON has ids in hex, protobuf's own JSON in base64. */
function withIds(record: Readonly<Record<string, unknown>>): object {
  const ids = ['traceId', 'spanId'].flatMap((name) => {
    const hex = record[name]
    return typeof hex === 'string' ? [[name, Buffer.from(hex, 'hex').toString('base64')]] : []
  })
  return { ...record, ...Object.fromEntries(ids) }
}

/** The length of these bytes as protobuf writes it. For tests. */
export function lengthOf(bytes: Uint8Array): Buffer {
  const out: number[] = []
  let left = bytes.length
  for (; left > 127; left >>>= 7) out.push((left & 127) | 128)
  return Buffer.from([...out, left])
}

/** A field that holds bytes, as protobuf writes it. For tests. */
export function fieldOf(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), lengthOf(bytes), bytes])
}

interface Logs {
  resourceLogs: readonly {
    resource: unknown
    scopeLogs: readonly { scope: unknown; logRecords: readonly unknown[] }[]
  }[]
}

/** A body of OTLP's JSON as an exporter packs it; a record that is bytes already stands as it is. For tests. */
export function packed({ resourceLogs }: Logs): Buffer {
  const record = (each: unknown) =>
    each instanceof Uint8Array ? each : write('LogRecord', withIds(each as Record<string, unknown>))
  return Buffer.concat(
    resourceLogs.map(({ resource, scopeLogs }) => {
      const scopes = scopeLogs.map(({ scope, logRecords }) =>
        fieldOf(
          2,
          Buffer.concat([fieldOf(1, write('Scope', scope)), ...logRecords.map((each) => fieldOf(2, record(each)))]),
        ),
      )
      return fieldOf(1, Buffer.concat([fieldOf(1, write('Resource', resource)), ...scopes]))
    }),
  )
}

/** A text as an AnyValue. For tests. */
export const value = (text: string) => ({ stringValue: text })

/** Attributes as OTLP's JSON has them; texts need not be wrapped. For tests. */
export const attributes = (pairs: Record<string, unknown>) =>
  Object.entries(pairs).map(([key, each]) => ({ key, value: typeof each === 'string' ? value(each) : each }))

/** When the records of `fatal` were made; epoch ms. */
export const loggedAt = Date.UTC(2026, 10, 22, 0, 31, 53)
const service = { attributes: attributes({ 'service.name': 'checkout' }) }

/** A request of one scope, of the service checkout unless said otherwise. For tests. */
export const logs = (records: readonly unknown[], resource: unknown = service) => ({
  resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'pay' }, logRecords: records }] }],
})

/** A record of level FATAL. For tests. */
export const fatal = (text: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  timeUnixNano: `${loggedAt}000000`,
  severityNumber: 21,
  severityText: 'FATAL',
  body: value(text),
  ...more,
})
