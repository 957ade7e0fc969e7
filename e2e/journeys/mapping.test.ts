import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { post } from '../world/events.ts'
import type { Player } from '../world/house.ts'
import { until } from '../world/until.ts'
import { incidentOf, shows, useStage } from './story.ts'

const sample = JSON.stringify({ pump: 7, what: 'leaks', state: 'OPEN', plant: 'waterworks' })
const mapping = `fields:
  title: 'Pump {/pump} {/what}'
  status: { pointer: /state, map: { OPEN: firing, CLOSED: resolved } }
  severity: critical
  service: /plant
`

describeUnless(lacks('browser'), 'a mapping', () => {
  const stage = useStage({ policy: stringify({ version: 1 }) })
  const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

  it('issue 3: tried on a pasted sample until it fits, put into the policy, named by the source; then what is sent opens an incident', async () => {
    const { house, server } = stage
    const administrator: Player = { ...house.commander, api: house.administrator }
    const { id, key } = await house.addSource('webhook', 'Pumps')
    const page = await stage.as(administrator, { path: `/sources/${id}` })
    const trying = section(page, 'Try a sample')
    const attempt = () => trying.getByRole('button', { name: 'Read it' }).click()
    const written = trying.getByLabel(/^Mapping to read it by/)

    await trying.getByLabel('Body, as the sender posts it').fill(sample)
    await attempt()
    await shows(trying, '"title" is missing or empty')
    await written.fill(mapping.replace('/pump}', 'pump}').replace('firing', 'broken'))
    await attempt()
    await shows(trying, /line 2: fields.title: "pump" is no JSON pointer/)
    await shows(trying, /line 3: fields.status: "broken" is none of firing/)
    await written.fill(mapping)
    await attempt()
    await shows(trying, /Pump 7 leaks.*alert, firing, critical, service waterworks/s)

    const settings = section(page, 'Settings')
    await settings.getByLabel('Mapping').fill('pumps')
    await settings.getByRole('button', { name: 'Save' }).click()
    await until('the setting', async () => {
      const { sources } = await house.administrator.must<{ sources: { id: string; settings: { mapping?: string } }[] }>(
        'GET',
        '/api/sources',
      )
      return sources.find((source) => source.id === id)?.settings.mapping === 'pumps'
    })
    server.writePolicy(stringify({ mappings: { pumps: parse(mapping) } }))
    await until('the policy with it', async () => (await post(server.url, `/intake/${id}`, sample, key)).status === 200)
    const incident = await incidentOf(house, 'waterworks')
    expect((await house.administrator.incident(incident)).summary.title).toBe('Pump 7 leaks')
  })
})
