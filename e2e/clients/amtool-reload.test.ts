import { beforeAll, expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Amtool, makeAmtool, makeScopedToken } from '../world/amtool.ts'
import { ops } from '../world/ops.ts'
import { useRoom } from './room.ts'

const policy = (receiver: string) => `route: { receiver: ${receiver} }\nreceivers: [{ name: ${receiver} }]\n`

describeUnless(lacks('amtool'), 'the policy read again on demand, as Alertmanager reads its configuration', () => {
  const room = useRoom({ policy: policy('before') })
  let amtool: Amtool
  let reload: () => Promise<{ status: number; text: string }>
  beforeAll(async () => {
    amtool = makeAmtool(room.server.url, room.server.dir, { password: await makeScopedToken(room.server, 'alerts') })
    const { output } = await ops(room.server.dir, 'token', 'create', '--role', 'administrator')
    const authorization = `Bearer ${/uxt_\w+/.exec(output)?.[0]}`
    reload = async () => {
      const response = await fetch(`${room.server.url}/-/reload`, { method: 'POST', headers: { authorization } })
      return { status: response.status, text: await response.text() }
    }
  })
  const receiver = async () => (await amtool('config', 'routes', 'test', 'alertname=x')).out.trim()

  it('is active when the answer comes', async () => {
    expect(await receiver()).toBe('before')
    room.server.writePolicy(policy('after'))
    expect(await reload()).toEqual({ status: 200, text: '' })
    expect(await receiver()).toBe('after')
  })

  it('an invalid one is refused with its line, and the one before stays', async () => {
    room.server.writePolicy('version: 1\nroute: { receiver: nobody, group_wait: 30s }\n')
    const { status, text } = await reload()
    expect(status).toBe(500)
    expect(text).toMatch(/^failed to reload config: .*:2 route.*"group_wait" is not read by this version/s)
    expect(await receiver()).toBe('after')
  })
})
