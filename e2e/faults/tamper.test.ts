import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { briefSchema } from '#shared/incident/brief.ts'
import { critical, raise } from '../world/events.ts'
import { setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

let server: Server
let incidentId: string
beforeAll(async () => {
  server = await startServer()
  const house = await setUpHouse(server)
  const { key } = await house.addSource('prometheus', 'p')
  await raise(server.url, key, [critical('checkout'), critical('search')])
  const incident = await until('the incident', async () => (await house.administrator.picture()).incidents[0])
  incidentId = incident.id
  const [owner, receiver] = house.responders
  await owner?.api.command(incidentId, { type: 'claim' })
  const brief = briefSchema.parse({ situation: 'Half of the orders hang' })
  await owner?.api.command(incidentId, { type: 'offer', to: receiver?.id ?? '', brief })
  await receiver?.api.command(incidentId, { type: 'accept', revision: 1, readBack: 'I look at the orders' })
})
afterAll(async () => {
  await server?.close()
})

/** Each changes one byte of one row by hand, and puts it back. */
const hands: [what: string, table: string, where: string, column: string, names: () => RegExp][] = [
  ['who accepted', 'fact', "type = 'accepted'", 'by', () => new RegExp(`fact \\d+.*accepted.*${incidentId}`)],
  ['when it was claimed', 'fact', "type = 'claimed'", 'at', () => new RegExp(`fact \\d+.*claimed.*${incidentId}`)],
  ['a refusal in the audit', 'audit', "action = 'command.claim'", 'outcome', () => /audit \d+/],
  ['the words of the brief', 'text', "field = 'brief'", 'box', () => /text .*brief/],
  ['a received request', 'log_block', '1', 'box', () => /log_block \d+/],
  ['a commit of the chain', 'chain', 'n = 2', 'root', () => /chain 2/],
]

describe('ops audit verify', () => {
  it('says that the record is whole, while the server runs and when it does not', async () => {
    const running = await ops(server.dir, 'audit', 'verify')
    expect(running).toMatchObject({ code: 0 })
    expect(running.output).toMatch(/whole/)
    await server.kill()
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  })

  it.each(hands)('finds %s changed by one byte, and names the row', async (_, table, where, column, names) => {
    const database = new DatabaseSync(join(server.dir, 'uxbridge.sqlite'))
    const row = database.prepare(`SELECT rowid AS id, ${column} AS was FROM ${table} WHERE ${where} LIMIT 1`).get()
    expect(row, `a row of ${table} where ${where}`).toBeDefined()
    const { id, was } = row as { id: number; was: string | number | Uint8Array }
    const put = database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`)
    put.run(changed(was), id)
    database.close()
    const { code, output } = await ops(server.dir, 'audit', 'verify')
    const again = new DatabaseSync(join(server.dir, 'uxbridge.sqlite'))
    again.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(was, id)
    again.close()
    expect(code).not.toBe(0)
    expect(output).toMatch(names())
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  })
})

function changed(was: string | number | Uint8Array): string | number | Uint8Array {
  if (typeof was === 'number') return was ^ 1
  if (typeof was === 'string') return was.slice(0, -1) + (was.endsWith('x') ? 'y' : 'x')
  const bytes = Uint8Array.from(was)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  return bytes
}
