import { readFileSync } from 'node:fs'
import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { post } from '../world/events.ts'
import type { Player } from '../world/house.ts'
import { until } from '../world/until.ts'
import { forbidReload, incidentOf, shows, useStage } from './story.ts'

const noMapping = 'teams: []\n'
const withMapping = `mappings:
  pumps:
    members: /pumps
    fields:
      title: Pump {/name} stands still
      key: /name
      service: { text: 'pump-{/name}' }
      severity: { text: critical }
`

describeUnless(lacks('browser'), 'lost property', () => {
  const stage = useStage({ policy: noMapping })
  const administrator = (): Player => ({ ...stage.house.commander, api: stage.house.administrator })
  const row = (page: Page, reason: RegExp) => page.getByRole('button', { name: reason })
  const detail = (page: Page) => page.getByRole('complementary', { name: /Lost property/ })
  async function addMapped(name: string): Promise<{ id: string; send(body: string): Promise<number> }> {
    const { id, url, key } = await stage.house.addSource('webhook', name)
    await stage.house.administrator.must('PATCH', `/api/sources/${id}`, { settings: { mapping: 'pumps' } })
    const path = new URL(url).pathname
    return { id, send: async (body) => (await post(stage.server.url, path, body, key)).status }
  }
  const waiting = async (): Promise<string> => {
    const metrics = await (await fetch(`${stage.server.url}/metrics`)).text()
    return /^uxbridge_lost_property (\d+)$/m.exec(metrics)?.[1] ?? 'no such metric'
  }

  it('issue 3: what cannot be read is seen with its reason and bytes; after the mapping is mended it is retried, found, and on the board', async () => {
    const page = await stage.as(administrator(), { path: '/lost' })
    await page.getByRole('heading', { name: 'Nothing lost' }).waitFor()
    const notReloaded = await forbidReload(page)
    const source = await addMapped('Pumping station')
    expect(await source.send('{"pumps":[{"name":"north","run":12345678901234567890},{"name":"south"}]}')).toBe(202)

    // It comes by itself, and is counted beside its source.
    await shows(row(page, /no mapping "pumps"/), 'the whole request')
    expect(await waiting()).toBe('1')
    const sources = await stage.as(administrator(), { path: '/sources' })
    await sources.getByRole('link', { name: '1 in lost property' }).click()
    await shows(row(sources, /no mapping "pumps"/), 'the whole request')

    await row(page, /no mapping "pumps"/).click()
    await shows(detail(page), 'Pumping station')
    await detail(page).getByRole('button', { name: 'Show its bytes' }).click()
    const asked = page.getByRole('dialog')
    await expect(asked.getByRole('button', { name: 'Show them' }).isEnabled()).resolves.toBe(false)
    await asked.getByLabel('Reason').fill('What does the station send?')
    await asked.getByRole('button', { name: 'Show them' }).click()
    await shows(detail(page).locator('pre').first(), /"run": 12345678901234567890\s.*"name": "south"/s)
    const download = page.waitForEvent('download')
    await detail(page)
      .getByRole('button', { name: /Save all .* as a file/ })
      .click()
    const file = await (await download).path()
    expect(JSON.parse(readFileSync(file, 'utf8')).pumps[1]).toEqual({ name: 'south' })

    // Not mended yet: it says so, and stays.
    await detail(page).getByRole('button', { name: 'Retry' }).click()
    await shows(detail(page), /Still cannot be read: the policy has no mapping "pumps"/)
    stage.server.writePolicy(withMapping)
    await until('the new policy', () => stage.server.log().includes('new policy is active'))
    await detail(page).getByRole('button', { name: 'Retry' }).click()
    await shows(detail(page), 'Found: 2 events taken in.')
    const id = await incidentOf(stage.house, 'pump-north')
    await detail(page).getByRole('link', { name: id }).waitFor()
    await page.getByRole('heading', { name: 'Nothing lost' }).waitFor()
    expect(await waiting()).toBe('0')
    await detail(page).getByRole('link', { name: id }).click()
    await page.getByText('Pump north stands still').first().waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Found' }).click()
    await shows(row(page, /no mapping "pumps"/), 'found')
    await notReloaded()
    // Nothing is counted twice: one could not be read, two were opened later.
    const ledger = await stage.house.administrator.ledger(Date.now() - 3_600_000)
    const own = ledger.filter(({ sourceId }) => sourceId === source.id)
    const sum = (outcome: 'rejected' | 'opened') => own.reduce((all, { outcomes }) => all + (outcomes[outcome] ?? 0), 0)
    expect([sum('rejected'), sum('opened')]).toEqual([1, 2])
    expect(stage.server.log()).not.toContain('What does the station send')
  })

  it('of a batch the good members came in; a bad one is shown alone, by its number, and is discarded with a reason; a kill -9 later it still is', async () => {
    const { url, key, name } = { ...(await stage.house.addSource('alertmanager', 'Dublin')), name: 'Dublin' }
    const alert = (service: string) => ({
      status: 'firing',
      labels: { alertname: 'Down', service, severity: 'critical' },
    })
    const body = {
      version: '4',
      alerts: [alert('edge'), { status: 'firing', labels: { '': 'no name' } }, alert('core')],
    }
    expect((await post(stage.server.url, new URL(url).pathname, JSON.stringify(body), key)).status).toBe(422)
    await incidentOf(stage.house, 'core')

    const page = await stage.as(administrator(), { path: '/lost' })
    await page.getByRole('heading', { name }).waitFor()
    await page.keyboard.press('j')
    await shows(detail(page), 'member 1')
    await detail(page).getByRole('button', { name: 'Show its bytes' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('A new sender')
    await page.getByRole('button', { name: 'Show them' }).click()
    await shows(detail(page).locator('pre').first(), '"": "no name"')
    expect(await detail(page).locator('pre').first().innerText()).not.toContain('edge')

    await detail(page).getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('A test of ours')
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await shows(detail(page), 'discarded')
    await page.getByRole('heading', { name: 'Nothing lost' }).waitFor()
    await page.keyboard.press('Escape')
    await stage.server.restart()
    await page.reload()
    await page.getByRole('button', { name: 'Discarded' }).click()
    await shows(row(page, /label|empty|name/), 'discarded')
  })

  it('a responder sees what is lost and why, but not its bytes, and settles nothing', async () => {
    const source = await addMapped('Weir')
    await source.send('{"weir":"no pumps here"}')
    const [responder] = stage.house.responders
    if (responder === undefined) throw new Error('there is a responder')
    const page = await stage.as(responder, { path: '/lost', viewport: { width: 390, height: 844 } })
    await row(page, /pumps/).click()
    await shows(detail(page), 'an administrator or a privacy officer can look at them')
    expect(
      await detail(page)
        .getByRole('button', { name: /Retry|Discard|bytes/ })
        .count(),
    ).toBe(0)
    const [item] = (await responder.api.must<{ items: { id: string }[] }>('GET', '/api/lost?state=lost')).items
    const refused = await responder.api.ask<{ code: string }>('POST', `/api/lost/${item?.id}/bytes`, {
      reason: 'curious',
    })
    expect([refused.status, refused.body.code]).toEqual([403, 'not-allowed'])
    await detail(page).getByRole('button', { name: /Close/ }).click()
    await row(page, /pumps/).waitFor()
  })
})
