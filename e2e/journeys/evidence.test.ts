import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { incidentOf, linkSays, shows, useStage } from './story.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
)

/** Lets files fall on the page, as somebody does who drags them out of a folder. */
async function drop(page: Page, files: readonly { name: string; type: string; base64: string }[]): Promise<void> {
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer()
    for (const { name, type, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      transfer.items.add(new File([bytes], name, { type }))
    }
    return transfer
  }, files)
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', type, { dataTransfer: data })
}

describeUnless(lacks('browser'), 'evidence of an incident', () => {
  const stage = useStage()

  it('a picture and a log are dropped on the page, seen by others, saved byte for byte and withdrawn with a reason; a request is kept masked; what happened before is one press away', async () => {
    const { house } = stage
    const [ana, ben] = house.responders
    const { key } = await house.addSource('prometheus', 'shop')
    const down = critical('shop')
    const told = { ...down, annotations: { ...down.annotations, description: 'Ask ops@shop.example' } }

    // It happened before, and somebody wrote down what it was.
    await raise(stage.server.url, key, [critical('shop')])
    const before = await incidentOf(house, 'shop')
    await ana!.api.command(before, { type: 'claim' })
    await ana!.api.command(before, {
      type: 'set-phase',
      phase: 'resolved',
      reason: 'The pool of connections was too small.',
    })
    await ana!.api.command(before, { type: 'set-phase', phase: 'review' })
    await ana!.api.command(before, { type: 'set-phase', phase: 'closed' })
    await raise(stage.server.url, key, [{ ...told, labels: { ...told.labels, instance: 'shop-2' } }])
    const { id } = await until('the incident of now', async () =>
      (await house.administrator.picture()).incidents.find(({ id, service }) => service === 'shop' && id !== before),
    )

    const page = await stage.as(ana!, { path: `/incident/${id}` })
    const phone = await stage.as(ben!, { path: `/incident/${id}`, viewport: { width: 390, height: 844 } })
    for (const each of [page, phone]) await linkSays(each, 'live')
    const evidenceOn = (where: Page) => where.getByRole('heading', { name: /^Evidence/ }).locator('..')
    await evidenceOn(page).getByText('None. Screenshots, logs and links').waitFor()

    await drop(page, [
      { name: 'graph.png', type: 'image/png', base64: png.toString('base64') },
      { name: 'shop.log', type: 'text/plain', base64: Buffer.from('12:00 no connection left\n').toString('base64') },
      { name: 'tool.exe', type: '', base64: Buffer.from('MZ\0\0 a program').toString('base64') },
    ])
    const dialog = page.getByRole('dialog', { name: `Evidence on ${id}` })
    await dialog.getByLabel('What it shows').fill('No connections left')
    await dialog.getByRole('button', { name: 'Add 3 files' }).click()
    // What is not taken says so and waits; the others are in.
    await dialog.getByText('This kind of file is not taken').waitFor()
    await dialog.getByRole('button', { name: 'Leave tool.exe out' }).click()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })

    const rows = evidenceOn(phone).getByRole('listitem')
    await shows(rows, 'shop.log')
    await shows(rows, /graph\.png.*No connections left.*PNG image, .*Amara Okafor/s)
    await shows(rows, createHash('sha256').update(png).digest('hex').slice(0, 8))
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await shows(page.getByRole('listitem'), 'added the file “graph.png” as evidence 1')

    // What is saved is what was dropped, to the byte; a picture shows itself when it is asked to.
    const saving = phone.waitForEvent('download')
    await phone.getByRole('button', { name: 'Save evidence 1' }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toBe('graph.png')
    expect((await readFile(await saved.path())).equals(png)).toBe(true)
    await phone.getByRole('button', { name: 'Show evidence 1' }).click()
    const picture = evidenceOn(phone).getByRole('img', { name: 'No connections left' })
    await picture.waitFor()
    expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(10)

    // By keyboard: the request that the alert came with.
    await page.keyboard.press('v')
    await dialog.getByRole('radio', { name: 'Request of an alert' }).focus()
    await page.keyboard.press('Space')
    await dialog.getByRole('button', { name: 'Keep the request' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await shows(evidenceOn(page).getByRole('listitem'), 'with what is personal masked')
    const kept = await fetch(`${stage.server.url}/api/incidents/${id}/evidence/3`, {
      headers: { cookie: ben!.api.cookie },
    })
    expect(kept.headers.get('content-disposition')).toMatch(/^attachment/)
    const said = await kept.text()
    expect(JSON.parse(said)[0].labels.instance).toBe('shop-2')
    expect(said).not.toContain('ops@shop.example')

    // A link, and a withdrawal.
    await page.keyboard.press('v')
    await dialog.getByRole('radio', { name: 'Link' }).check({ force: true })
    await dialog.getByLabel('Address').fill('https://graphs.example/d/shop')
    await dialog.getByRole('button', { name: 'Add the link' }).click()
    const link = evidenceOn(phone).getByRole('link', { name: 'graphs.example' })
    expect(await link.getAttribute('rel')).toContain('noreferrer')
    await page.getByRole('button', { name: 'More to do with evidence 2' }).click()
    await page.getByRole('menuitem', { name: 'Withdraw it…' }).click()
    const asking = page.getByRole('dialog', { name: `Withdraw evidence 2 of ${id}` })
    await asking.getByLabel('Reason').fill('Of another shop')
    await asking.getByRole('button', { name: 'Withdraw it' }).click()
    await shows(rows, /shop\.log.*Withdrawn by Amara Okafor.*Of another shop/s)
    expect(await phone.getByRole('button', { name: 'Save evidence 2' }).count()).toBe(0)
    await shows(page.getByRole('listitem'), 'withdrew evidence 2')

    // What happened before.
    const similar = page.getByRole('heading', { name: 'Similar past incidents' }).locator('..')
    await shows(similar.getByRole('listitem'), 'The pool of connections was too small.')
    await shows(similar.getByRole('listitem'), /same service shop/)
    await similar.getByRole('link', { name: new RegExp(before) }).click()
    await page.getByRole('heading', { name: before }).waitFor()
    expect(page.url()).toContain(`/incident/${before}`)
  })
})
