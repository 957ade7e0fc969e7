import { expect, test } from 'vitest'
import { z } from 'zod'
import { alertIdOf } from './alert.ts'
import { draftAtSchema, draftEditSchema, draftJoinedSchema, draftJoinSchema, draftToldSchema } from './brief/line.ts'
import { commandSchema, declareSchema } from './incident/commands.ts'
import * as wire from './wire.ts'

test('W1 the protocol names exactly these schemas: whoever changes one sets the new hash in wire.ts', () => {
  const schemas = [
    wire.frameSchema,
    wire.beatSchema,
    wire.removedSchema,
    wire.watchSchema,
    wire.unwatchSchema,
    wire.commandAnswerSchema,
    wire.meSchema,
    commandSchema,
    declareSchema,
    draftJoinSchema,
    draftJoinedSchema,
    draftEditSchema,
    draftAtSchema,
    draftToldSchema,
  ]
  const shapes = schemas.map((schema) => z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }))
  const hash = alertIdOf(JSON.stringify([shapes, wire.wireNames]))
  expect(wire.protocol).toBe(hash)
})

test('a room name is a known one or an incident', () => {
  for (const room of ['board', 'wall', 'filter', 'incident:INC-1001'])
    expect(wire.roomSchema.safeParse(room).success).toBe(true)
  for (const room of ['', 'incident:', 'filters', 'boards', 7])
    expect(wire.roomSchema.safeParse(room).success).toBe(false)
})
